"""Runs tlsfuzzer's scripts against the emulated board, and prints a table; scripts/check-tlsfuzzer starts it."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

# What is not run, by a pattern of the script's name, and why.
NOT_RUN = [
    (r"bleichenbacher|marvin|lucky13|minerva|-shared-secret", "measures times for hours"),
    (r"certificate-(malformed|request|verify|compression)|(in|on)-certificate-verify|client-cert|post-handshake-auth", "needs a certificate of a client"),
    (r"ticket|resumption|psk|0rtt|early-application", "is about sessions that are resumed, which tests/e2e covers"),
    (r"-lengths", "needs a server that sends back what it gets"),
    (r"(?<!c)dhe-(rsa|key)|ffdhe|renegotiation|hello-request|heartbeat|export|sslv2|SSLv3|non-support|aesccm|encrypt-then-mac|kRSA|invalid-rsa|md5|"
     r"openssl-3712|cve-|interleaved|ocsp|mlkem|mldsa|eddsa|brainpool|dsa-sig|ecdsa-support|keyupdate-from-server|client-compatibility|downgrade|"
     r"TLSv1_2-rejected|rsapss", "is about what the board does not offer, or needs another server program"),
]

# What a script needs to be told about the board.
ARGUMENTS = {
    "test-fallback-scsv.py": ["--tls-1.3", "--min-support", "TLSv1.2"],
    "test-record-size-limit.py": ["--reply-AD-size", "200"],
}

SUMMARY = re.compile(r"^(TOTAL|PASS|FAIL|XPASS):\s*(\d+)", re.M)
REASON = re.compile(r"^(?:AssertionError|[\w.]*Error|[\w.]*Exception): ?(.*)$", re.M)
FAILED = re.compile(r"^FAILED:\n((?:\t.*\n?)*)", re.M)
GCM = "TLS_ECDHE_{}_WITH_AES_128_GCM_SHA256"


class Board:
    """The emulated board, with a certificate of its own."""

    def __init__(self, tool, key, image, options, folder):
        subprocess.run([tool, "certgen", "--quiet", "--key", key], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        command = [tool, "emulate", "--json", "--port", "0", "--ready-timeout", "10m"]
        command += (["--image", os.path.abspath(image)] if image else []) + options
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        text = ""
        while (line := self.process.stdout.readline()) and line != "}\n":
            text += line
        self.port = json.loads(text + line)["result"]["port"]

    def is_there(self):
        return self.process.poll() is None

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Fuzzer:
    """A clone of tlsfuzzer, and how its scripts are to be run."""

    def __init__(self, args):
        self.args = args
        self.environment = os.environ | {"PYTHONPATH": os.path.abspath(args.folder)}
        self.suite = GCM.format("RSA" if args.key.startswith("rsa") else "ECDSA")

    def names(self):
        names = sorted(os.listdir(os.path.join(self.args.folder, "scripts")))
        return [name for name in names if name.startswith("test-") and re.search(self.args.only, name)]

    def arguments(self, script):
        """Those that this script takes, among those that a server with ECDHE needs."""
        command = [sys.executable, script, "--help"]
        text = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60).stdout
        takes_suite = re.search(r"^ -C ciph", text, re.M)
        ecdhe = ["-d"] if re.search(r"^ -d\s+negotiate \(EC\)DHE", text, re.M) else []
        # Some scripts refuse both.
        return ["-C", self.suite] if takes_suite and "tls13" not in script else ecdhe

    def run(self, name, port):
        """What the script wrote; None when it was not done in time."""
        script = os.path.join(self.args.folder, "scripts", name)
        command = [sys.executable, script, "-h", "127.0.0.1", "-p", str(port), "-n", str(self.args.number)]
        command += self.arguments(script) + ARGUMENTS.get(name, [])
        try:
            done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=self.args.limit)
        except subprocess.TimeoutExpired:
            return None
        text = done.stdout + done.stderr
        if self.args.logs:
            os.makedirs(self.args.logs, exist_ok=True)
            with open(os.path.join(self.args.logs, name + ".log"), "w") as log:
                log.write(text)
        return text


def why_not(name):
    return next((why for pattern, why in NOT_RUN if re.search(pattern, name)), None)


def row(name, text):
    """The row of the table, and whether something failed."""
    short = name.removeprefix("test-").removesuffix(".py")
    if text is None:
        return f"| {short} | | | not done in time |", True
    counts = {name: int(count) for name, count in SUMMARY.findall(text)}
    if not counts:
        last = (text.strip().splitlines() or ["no output"])[-1]
        return f"| {short} | | | no result: {last[:120]} |", True
    failed = FAILED.search(text)
    refusal = re.search(r"from peer: Alert\(fatal, (\w+)\)", text)
    if failed and "'sanity'" in failed.group(1) and refusal:
        return f"| {short} | | | not told apart: even its plain hello is refused ({refusal.group(1)}) |", False
    bad = counts.get("FAIL", 0) + counts.get("XPASS", 0)
    reasons = [reason.strip()[:140] for reason in REASON.findall(text)]
    common = max(set(reasons), key=reasons.count) if bad and reasons else ""
    return f"| {short} | {counts.get('PASS', 0)} | {bad} | {common} |", bool(bad)


def compare(fuzzer, board):
    """Runs all scripts, and says whether something failed."""
    print("| Script | Passed | Failed | Why |\n|---|---|---|---|", flush=True)
    left_out, failed = {}, False
    for name in fuzzer.names():
        if why := why_not(name):
            left_out.setdefault(why, []).append(name.removeprefix("test-").removesuffix(".py"))
            continue
        line, bad = row(name, fuzzer.run(name, board.port))
        failed |= bad
        print(line, flush=True)
        if not board.is_there():
            sys.exit(f"the emulated board has ended during {name}")
    for why, names in left_out.items():
        print(f"\nNot run, since it {why}: {', '.join(names)}")
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("folder", help="a clone of tlsfuzzer")
    parser.add_argument("--only", default="", help="a regular expression of the names")
    parser.add_argument("--number", type=int, default=15, help="conversations of each script, beside its sanity ones")
    parser.add_argument("--limit", type=int, default=180, help="the most seconds that a script may take")
    parser.add_argument("--key", default="rsa2048")
    parser.add_argument("--image")
    parser.add_argument("--emulate", action="append", default=[], help="one more option of emulate, such as --emulate=--legacy-clients")
    parser.add_argument("--logs", help="a folder for the whole output of each script")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        board = Board(args.tool, args.key, args.image, args.emulate, folder)
        try:
            failed = compare(Fuzzer(args), board)
        finally:
            board.stop()
    sys.exit(failed)


if __name__ == "__main__":
    main()

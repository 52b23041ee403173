"""What an honest client of the emulated board waits while others misbehave; scripts/bench-fairness starts it."""

import argparse
import json
import re
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

LONGEST = 45.0
PAUSE = 1.5


class Attack:
    """Clients that all do the same, again at once whenever the board has had enough, until they are told to stop."""

    def __init__(self, port, count, behaviour):
        self.port = port
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.repeat, args=(behaviour,), daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()
            time.sleep(0.02)

    def repeat(self, behaviour):
        while not self.stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=LONGEST) as stream:
                    behaviour(self, stream)
            except (OSError, ssl.SSLError):
                self.stop.wait(0.02)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(10)

    def until_closed(self, stream, send=b"", every=PAUSE):
        """Sends the bytes one by one, then nothing, until the board ends the connection."""
        stream.settimeout(every if send else 0.2)
        for byte in send:
            stream.sendall(bytes([byte]))
            if self.stop.is_set() or closed(stream):
                return
        stream.settimeout(0.2)
        while not self.stop.is_set() and not closed(stream):
            pass


def closed(stream):
    try:
        return stream.recv(65536) == b""
    except (TimeoutError, ssl.SSLWantReadError):
        return False


def context():
    settings = ssl.create_default_context()
    settings.check_hostname = False
    settings.verify_mode = ssl.CERT_NONE
    return settings


def client_hello():
    """A whole ClientHello, as this Python's OpenSSL makes it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context().wrap_bio(incoming, outgoing, server_hostname="board").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


HELLO = client_hello()
GET = b"GET / HTTP/1.1\r\nHost: board\r\n\r\n"


def drip(attack, stream):
    attack.until_closed(stream, HELLO)


def silent(attack, stream):
    attack.until_closed(stream)


def stops(attack, stream):
    stream.sendall(HELLO)
    attack.until_closed(stream)


def slow_body(attack, stream):
    with context().wrap_socket(stream) as tls:
        tls.sendall(b"POST /light HTTP/1.1\r\nHost: board\r\nContent-Length: 1000\r\n\r\n")
        attack.until_closed(tls, b" " * 1000)


def idle(attack, stream):
    with context().wrap_socket(stream) as tls:
        tls.sendall(GET)
        attack.until_closed(tls)


def hammer(attack, stream):
    with context().wrap_socket(stream) as tls:
        while not attack.stop.is_set():
            tls.sendall(GET)
            if not tls.recv(4096):
                return


def abort(attack, stream):
    stream.sendall(HELLO)
    stream.recv(1)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


SCENARIOS = [
    ("nobody else", 0, silent),
    *[(f"{count} drip their hello", count, drip) for count in (2, 4, 10)],
    *[(f"{count} are silent", count, silent) for count in (10, 12, 20)],
    *[(f"{count} stop after the hello", count, stops) for count in (2, 4, 10)],
    ("10 slow bodies", 10, slow_body),
    ("10 idle sessions", 10, idle),
    ("10 hammer with keep-alive", 10, hammer),
    ("4 loops of aborts", 4, abort),
]


def honest(port):
    """The seconds until the page is there, or None after LONGEST."""
    start = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=LONGEST) as stream:
            with context().wrap_socket(stream) as tls:
                tls.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                answer = b""
                while part := tls.recv(4096):
                    answer += part
        if b"Hello Secure World" in answer:
            return time.monotonic() - start
    except (OSError, ssl.SSLError):
        pass
    return None


def patient(port):
    """The same for a client that connects again when it is turned away, as a person does, until LONGEST is over."""
    start = time.monotonic()
    refused = 0
    while time.monotonic() - start < LONGEST:
        if honest(port) is not None:
            return time.monotonic() - start, refused
        refused += 1
    return LONGEST, refused


def measure(port, count, behaviour, tries, settle):
    attack = Attack(port, count, behaviour)
    time.sleep(settle)
    waits, refusals = [], 0
    while len(waits) < tries:
        seconds, refused = patient(port)
        waits.append(seconds)
        refusals += refused
        # More than half without an answer: the median is known.
        if sum(wait >= LONGEST for wait in waits) > tries // 2:
            waits += [LONGEST] * (tries - len(waits))
        time.sleep(0.3)
    attack.end()
    recovery, _ = patient(port)
    return {"median": statistics.median(waits), "most": max(waits), "refused": refusals, "recovery": recovery}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--tries", type=int, default=9)
    parser.add_argument("--only", default="")
    parser.add_argument("--settle", type=float, default=3.0, help="seconds between the first attack and the first try")
    parser.add_argument("--limit", type=float, default=3.0, help="the most seconds that a median may have")
    parser.add_argument("--image")
    parser.add_argument("--key", default="p256")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([args.tool, "certgen", "--quiet", "--key", args.key], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        command = [args.tool, "emulate", "--json", "--port", "0", "--ready-timeout", "10m"]
        command += ["--image", args.image] if args.image else []
        board = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            text = ""
            while (line := board.stdout.readline()) and line != "}\n":
                text += line
            port = json.loads(text + line)["result"]["port"]
            print("| While | median, s | most, s | turned away | afterwards, s |\n|---|---|---|---|---|")
            worst = 0.0
            for name, count, behaviour in SCENARIOS:
                if not re.search(args.only, name):
                    continue
                it = measure(port, count, behaviour, args.tries, args.settle)
                worst = max(worst, it["median"], it["recovery"])
                shown = lambda seconds: f"{seconds:.2f}" if seconds < LONGEST else f"none in {LONGEST:.0f}"
                print(f"| {name} | {shown(it['median'])} | {shown(it['most'])} | {it['refused']} | {shown(it['recovery'])} |", flush=True)
        finally:
            board.terminate()
            board.wait(30)
    sys.exit(worst > args.limit)


if __name__ == "__main__":
    main()

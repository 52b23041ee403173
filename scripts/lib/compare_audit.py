"""The body of scripts/compare-audit: starts servers, asks three tools, compares what they say."""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

OLD = ["-cipher", "DEFAULT:@SECLEVEL=0"]
BOTH = "ssl_protocols TLSv1.2 TLSv1.3;"
OWN_ORDER = "ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256"
RARE = "ECDHE-RSA-AES128-GCM-SHA256:AESCCM:CAMELLIA:ARIAGCM:@SECLEVEL=0"
# The configurations of tests/audit/zoo.rs: name, certificate, settings.
ZOO = [
    ("openssl rsa", "rsa", []),
    ("openssl ecdsa", "ecdsa", []),
    ("openssl tls1.3", "rsa", ["-tls1_3"]),
    ("openssl tls1.2", "rsa", ["-tls1_2"]),
    ("openssl all versions", "rsa", ["-cipher", "ALL:@SECLEVEL=0"]),
    ("openssl tls1.0", "rsa", ["-tls1", *OLD]),
    ("openssl tls1.1", "rsa", ["-tls1_1", *OLD]),
    ("openssl order", "rsa", ["-tls1_2", "-serverpref", "-cipher", OWN_ORDER]),
    ("openssl order tls1.3", "rsa", ["-tls1_3", "-serverpref", "-ciphersuites",
                                     "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"]),
    ("openssl one suite", "rsa", ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"]),
    ("openssl static rsa", "rsa", ["-tls1_2", "-cipher", "AES128-SHA:AES256-SHA"]),
    ("openssl ccm camellia aria", "rsa", ["-tls1_2", "-cipher", RARE]),
    ("openssl null anonymous", "rsa", ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256:eNULL:aNULL:@SECLEVEL=0"]),
    ("openssl groups", "rsa", ["-groups", "P-384:P-256"]),
    ("openssl client certificate", "rsa", ["-verify", "1", "-CAfile", "ca.pem"]),
    ("openssl no tickets", "rsa", ["-no_ticket", "-no_cache", "-num_tickets", "0"]),
    ("nginx", "rsa", BOTH),
    ("nginx early data", "rsa", f"{BOTH} ssl_early_data on;"),
    ("nginx order", "rsa", "ssl_protocols TLSv1.2; ssl_prefer_server_ciphers on; "
                           "ssl_ciphers ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256;"),
    ("nginx ecdsa one group", "ecdsa", f"{BOTH} ssl_ecdh_curve secp384r1;"),
    ("nginx client certificate", "rsa", f"{BOTH} ssl_session_tickets off; ssl_verify_client optional; "
                                        "ssl_client_certificate ca.pem;"),
    ("gnutls", "rsa", ["NORMAL"]),
    ("gnutls tls1.2", "rsa", ["NORMAL:-VERS-ALL:+VERS-TLS1.2"]),
    ("gnutls tls1.3", "rsa", ["NORMAL:-VERS-ALL:+VERS-TLS1.3"]),
    ("gnutls order no tls1.1", "rsa", ["NORMAL:-VERS-TLS1.1:%SERVER_PRECEDENCE"]),
    ("gnutls ecdsa groups", "ecdsa",
     ["NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:-GROUP-ALL:+GROUP-SECP384R1:+GROUP-SECP256R1"]),
]
VERSIONS = ["TLS 1.3", "TLS 1.2", "TLS 1.1", "TLS 1.0", "SSL 3.0"]
TESTSSL_VERSIONS = dict(zip(["TLS1_3", "TLS1_2", "TLS1_1", "TLS1", "SSLv3"], VERSIONS))
# testssl.sh has names of its own for these.
GROUPS = {"prime256v1": "secp256r1", "X25519": "x25519", "X448": "x448", "brainpoolP256r1": "brainpoolp256r1",
          "brainpoolP384r1": "brainpoolp384r1", "brainpoolP512r1": "brainpoolp512r1"}
# RFC 3526: the bits of its groups.
OAKLEY = {"5": 1536, "14": 2048, "15": 3072, "16": 4096, "17": 6144, "18": 8192}
TESTSSL_SECONDS = 150


class Known:
    """A disagreement that is known and explained: in configurations whose name begins so, about this, with that program."""

    def __init__(self, config, what, who, theirs, why):
        self.config, self.what, self.who, self.theirs, self.why = config, what, who, set(theirs), why
        self.seen = False

    def explains(self, difference):
        """Whether this is it: nothing is only ours, and nothing else is only theirs."""
        found = (difference.config.startswith(self.config) and difference.what == self.what
                 and difference.who == self.who and not difference.only_ours
                 and set(difference.only_theirs) <= self.theirs and difference.only_theirs != [])
        self.seen = self.seen or found
        return found


KNOWN = [
    Known("gnutls", "groups", "testssl", ["ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"],
          "of the finite fields in TLS 1.2 we give the size of the one that the server chooses (docs/audit.md)"),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificates(folder):
    for name, key in [("rsa", ["rsa:2048"]), ("ecdsa", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
                      ("ca", ["rsa:2048"])]:
        subprocess.run(["openssl", "req", "-x509", "-nodes", "-days", "30", "-newkey", *key, "-keyout", f"{name}.key",
                        "-out", f"{name}.pem", "-subj", f"/CN=bench {name}"], cwd=folder, check=True,
                       capture_output=True)


def start(folder, name, certificate, settings):
    """The server of a configuration, and its port, once that is open."""
    port = free_port()
    pem, key = f"{certificate}.pem", f"{certificate}.key"
    if name.startswith("openssl"):
        command = ["openssl", "s_server", "-quiet", "-www", "-accept", f"127.0.0.1:{port}", "-cert", pem, "-key", key,
                   *settings]
    elif name.startswith("gnutls"):
        command = ["gnutls-serv", "--quiet", "--http", "--port", str(port), "--x509certfile", pem,
                   "--x509keyfile", key, "--priority", *settings]
    else:
        paths = " ".join(f"{kind}_temp_path {folder}/{kind};"
                         for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        with open(f"{folder}/nginx.conf", "w") as conf:
            conf.write(f"daemon off; master_process off; pid {folder}/pid; error_log /dev/null; events {{}}\n"
                       f"http {{ access_log off; {paths} server {{ listen 127.0.0.1:{port} ssl; return 200 'page';\n"
                       f"ssl_certificate {pem}; ssl_certificate_key {key}; {settings} }} }}")
        command = ["/usr/sbin/nginx", "-c", f"{folder}/nginx.conf", "-p", folder, "-e", "/dev/null"]
    server = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    for _ in range(200):
        if server.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return server, port
        except OSError:
            time.sleep(0.05)
    server.kill()
    sys.exit(f"error: {name}: {command[0]} does not start")


def ask_ours(tool, port):
    done = subprocess.run([tool, "probe", "--json", "--quiet", "--all", f"127.0.0.1:{port}"], capture_output=True)
    result = json.loads(done.stdout)["result"]
    offers = {offer["version"]: offer for offer in result["offers"]}
    return {
        "versions": {version for version in offers},
        "suites": {version: [suite["name"] for suite in offer["suites"]] for version, offer in offers.items()},
        "ordered": {version for version, offer in offers.items() if offer["suite_order"] == "server"},
        "groups": {group for offer in offers.values() for group in offer["groups"]},
        "partial": [version for version, offer in offers.items() if offer["extent"] != "complete"],
    }


def ask_nmap(port):
    done = subprocess.run(["nmap", "-Pn", "-n", "-sT", "-p", str(port), "--script", "+ssl-enum-ciphers", "127.0.0.1"],
                          capture_output=True, text=True)
    suites, ordered, version = {}, set(), ""
    for line in done.stdout.splitlines():
        line = line.strip("|_ ")
        if re.fullmatch(r"(TLSv1\.\d|SSLv3):", line):
            version = {"SSLv3:": "SSL 3.0"}.get(line, f"TLS {line[4:-1]}")
        elif line.startswith("TLS_"):
            # nmap calls the suites of TLS 1.3 by a name of its own.
            suites.setdefault(version, []).append(line.split(" ")[0].replace("TLS_AKE_WITH_", "TLS_"))
        elif line == "cipher preference: server":
            ordered.add(version)
    return {"versions": set(suites), "suites": suites, "ordered": ordered}


def ask_testssl(port, folder):
    # In a folder of its own: testssl adds to a file that is there, and a later server may have the port of an earlier one.
    out = os.path.join(tempfile.mkdtemp(dir=folder), "testssl.json")
    try:
        subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--ip", "one", "-p", "-E", "-f",
                        "--jsonfile", out, f"127.0.0.1:{port}"], capture_output=True, timeout=TESTSSL_SECONDS,
                       stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return None
    found = {"versions": set(), "suites": {}, "groups": set()}
    for entry in json.load(open(out)):
        name, says = entry["id"], entry["finding"]
        if name in TESTSSL_VERSIONS and says.startswith("offered"):
            found["versions"].add(TESTSSL_VERSIONS[name])
        elif match := re.fullmatch(r"cipher-(tls1(?:_\d)?|ssl3)_x\w+", name):
            version = {"tls1": "TLS 1.0", "ssl3": "SSL 3.0"}.get(match[1], "TLS " + match[1][3:].replace("_", "."))
            found["suites"].setdefault(version, []).append(says.split()[-1])
        elif name in ("PFS_ECDHE_curves", "FS_ECDHE_curves"):
            found["groups"] |= {GROUPS.get(group, group) for group in says.split()}
        elif name == "DH_groups":
            if match := re.fullmatch(r"RFC3526/Oakley Group (\d+)", says):
                found["groups"].add(f"finite field of {OAKLEY[match[1]]} bits")
            else:
                found["groups"] |= set(re.findall(r"ffdhe\d+", says))
    return found


class Difference:
    """Something that we and another program say differently about one configuration."""

    def __init__(self, config, what, who, ours, theirs):
        self.config, self.what, self.who = config, what, who
        self.only_ours, self.only_theirs = sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours))
        self.orders = [list(ours), list(theirs)]

    def __str__(self):
        if self.only_ours or self.only_theirs:
            says = f"only ours {self.only_ours}, only {self.who} {self.only_theirs}"
        else:
            says = f"ours {self.orders[0]}, {self.who} {self.orders[1]}"
        return f"{self.config}: {self.what}, {self.who}: {says}"


def compare(config, ours, theirs, who):
    """What agrees, as cells of the table, and the disagreements."""
    cells, differences = {}, []

    def check(what, mine, other):
        cells[what] = cells.get(what, True) and mine == other
        if mine != other:
            differences.append(Difference(config, what, who, mine, other))

    check("versions", ours["versions"], theirs["versions"])
    for version in VERSIONS:
        mine, other = ours["suites"].get(version, []), theirs["suites"].get(version, [])
        check(f"suites {version[4:]}", set(mine), set(other))
        if version in theirs.get("ordered", ()) and len(mine) > 1 and set(mine) == set(other):
            check("order", mine, other)
    if "groups" in theirs:
        # testssl.sh names a server's own finite field only where TLS 1.3 has none.
        named = {group for group in ours["groups"] if " " not in group or group in theirs["groups"]}
        check("groups", named, theirs["groups"])
    return cells, differences


def row(name, cells):
    columns = ["versions", *(f"suites {version[4:]}" for version in VERSIONS), "order", "groups"]
    marks = ["" if cells.get(column) is None else "same" if cells[column] else "DIFFER" for column in columns]
    suites = marks[1:6]
    return f"| {name:<38} | {marks[0]:<8} | " + " | ".join(f"{mark:<6}" for mark in [*suites, *marks[6:]]) + " |"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--only", default="")
    parser.add_argument("--no-testssl", action="store_true")
    args = parser.parse_args()
    tool = os.path.abspath(args.tool)
    chosen = [config for config in ZOO if any(text in config[0] for text in args.only.split(","))]
    new, known, undone, agreed, total = [], [], [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        certificates(folder)
        print(f"| {'server, compared with':<38} | versions | TLS1.3 | TLS1.2 | TLS1.1 | TLS1.0 | SSL3   | order  | groups |")
        print(f"|{'-' * 40}|----------|" + "--------|" * 7, flush=True)
        for name, certificate, settings in chosen:
            server, port = start(folder, name, certificate, settings)
            try:
                ours = ask_ours(tool, port)
                theirs = [("nmap", ask_nmap(port))]
                if not args.no_testssl:
                    theirs.append(("testssl", ask_testssl(port, folder)))
            finally:
                server.kill()
                server.wait()
            new += [f"{name}: ours is not complete for {version}" for version in ours["partial"]]
            for who, found in theirs:
                if found is None:
                    undone.append(f"{name}: {who} was not done within {TESTSSL_SECONDS} s")
                    continue
                cells, differences = compare(name, ours, found, who)
                agreed, total = agreed + sum(cells.values()), total + len(cells)
                for difference in differences:
                    why = next((it.why for it in KNOWN if it.explains(difference)), None)
                    known += [f"{difference}; known: {why}"] if why else []
                    new += [] if why else [str(difference)]
                print(row(f"{name}, {who}", cells), flush=True)
    print(f"\n{agreed} of {total} comparisons in {len(chosen)} configurations agree")
    for line in [*new, *known, *undone]:
        print(f"- {line}")
    if not args.only and not args.no_testssl and not undone:
        stale = [it for it in KNOWN if not it.seen]
        new += [f"{it.config}: {it.what}, {it.who}: the known disagreement is gone; take it off KNOWN" for it in stale]
        for it in stale:
            print(f"- {it.config}: {it.what}, {it.who}: known, and gone: take it off KNOWN in this file")
    if new:
        sys.exit(f"error: {len(new)} disagreements are not on the list of known ones")


if __name__ == "__main__":
    main()

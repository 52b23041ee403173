"""Run by scripts/bench-load: starts nginx, runs the tools turn by turn, prints medians and ratios."""

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

OURS = sys.argv[1]
MEMORY = "--memory" in sys.argv
RUNS = next((int(word) for word in sys.argv[2:] if word.isdigit()), 5)
SECONDS = "3s"
GETS, HANDSHAKES, CLOSES = 100_000, 4_000, 6_000

CONFIG = """
worker_processes 1; worker_cpu_affinity 01; daemon off; pid {d}/pid; error_log {d}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; default_type text/html; ssl_protocols TLSv1.3;
  client_body_temp_path {d}/b; proxy_temp_path {d}/p; fastcgi_temp_path {d}/f; uwsgi_temp_path {d}/u; scgi_temp_path {d}/s;
  server {{ listen 127.0.0.1:{ec} ssl; ssl_certificate {d}/ec.pem; ssl_certificate_key {d}/ec.key; location / {{ return 200 "<h1>Hello Secure World! </h1>"; }} }}
  server {{ listen 127.0.0.1:{rsa} ssl; ssl_certificate {d}/rsa.pem; ssl_certificate_key {d}/rsa.key; location / {{ return 200 "<h1>Hello Secure World! </h1>"; }} }}
}}
"""


def free_ports(count):
    import socket
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def certificate(folder, name, key):
    subprocess.run(["openssl", "req", "-x509", "-newkey", *key, "-nodes", "-keyout", f"{folder}/{name}.key",
                    "-out", f"{folder}/{name}.pem", "-subj", "/CN=bench", "-days", "30"],
                   check=True, capture_output=True)


def measured(command):
    """Runs on core 1; returns output, processor seconds, wall seconds and the largest resident set in KiB."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(["taskset", "-c", "1", *command], stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
        output.seek(0)
        text = output.read().decode(errors="replace")
    if status != 0:
        sys.exit(f"{' '.join(command)} failed:\n{text}")
    return text, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss


def found(pattern):
    return lambda text: int(re.search(pattern, text).group(1))


def ours(*flags, pin):
    count = found(r'"completed": (\d+)')
    return [OURS, "load", "--json", "--quiet", "--no-stat", "--cert", pin, *flags], count


def works(folder, ec, rsa):
    """Name of the work -> name of the tool -> command and how its units are counted."""
    at = lambda port: f"https://127.0.0.1:{port}/"
    pin = lambda name: f"{folder}/{name}.pem"
    n = str
    gets = {
        "esp-https": ours(at(ec), "-c", "50", "-n", n(GETS), pin=pin("ec")),
        "wrk": (["wrk", "-t1", "-c50", f"-d{SECONDS}", at(ec)], found(r"(\d+) requests in")),
        "ab -k": (["ab", "-q", "-k", "-c", "50", "-n", n(GETS), at(ec)], found(r"Complete requests:\s+(\d+)")),
        "h2load --h1": (["h2load", "--h1", "-t1", "-c50", "-n", n(GETS), at(ec)], found(r"(\d+) succeeded")),
        "oha": (["oha", "--no-tui", "--insecure", "-c", "50", "-n", n(GETS), at(ec)], lambda _: GETS),
    }
    table = {"keep-alive GET, 50 connections": gets}
    for name, port in (("ec", ec), ("rsa", rsa)):
        label = {"ec": "P-256", "rsa": "RSA-2048"}[name]
        flags = [at(port), "-c", "10", "--mode"]
        tools = {
            "esp-https": ours(*flags, "handshake", "-n", n(HANDSHAKES), pin=pin(name)),
            "esp-https, with a GET": ours(*flags, "close", "-n", n(HANDSHAKES), pin=pin(name)),
            "ab, with a GET": (["ab", "-q", "-c", "10", "-n", n(HANDSHAKES), at(port)],
                               found(r"Complete requests:\s+(\d+)")),
        }
        if shutil.which("tls-perf"):
            tools["tls-perf"] = (["tls-perf", "-q", "-T", "3", "-l", "10", "-t", "1", "--tls", "1.3", "127.0.0.1", n(port)],
                                 found(r"TOTAL:.*?(\d+)"))
        table[f"full handshake, {label}, TLS 1.3"] = tools
    table["resumed handshake and a GET, RSA-2048, TLS 1.3"] = {
        "esp-https": ours(at(rsa), "-c", "10", "--mode", "close", "--resume", "always", "-n", n(CLOSES), pin=pin("rsa")),
        "oha --disable-keepalive": (["oha", "--no-tui", "--insecure", "--disable-keepalive", "-c", "10", "-n", n(CLOSES), at(rsa)],
                                    lambda _: CLOSES),
    }
    return table


def compare(table):
    for work, tools in table.items():
        costs = {tool: [] for tool in tools}
        rates = {tool: [] for tool in tools}
        for run in range(RUNS):
            # Turns change, so that no tool always follows the same one.
            names = list(tools)
            for tool in names[run % len(names):] + names[:run % len(names)]:
                command, units_of = tools[tool]
                text, processor, wall, _ = measured(command)
                units = units_of(text)
                costs[tool].append(processor / units * 1e6)
                rates[tool].append(units / wall)
        print(f"\n{work}\n  {'':26}{'CPU per unit':>14}{'quartiles':>20}{'rate':>12}{'ours / it':>11}")
        base = statistics.median(costs["esp-https"])
        for tool, values in costs.items():
            low, _, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
            median = statistics.median(values)
            rate = statistics.median(rates[tool])
            print(f"  {tool:26}{median:11.1f} us{f'{low:.1f} .. {high:.1f}':>20}{rate:10.0f}/s{base / median:11.2f}")


def memory(folder, ec):
    sizes = []
    for count in (1_000_000, 10_000_000):
        command, _ = ours(f"https://127.0.0.1:{ec}/", "-c", "50", "-n", str(count), pin=f"{folder}/ec.pem")
        _, _, wall, resident = measured(command)
        sizes.append(resident)
        print(f"{count:>11} requests: {resident / 1024:6.1f} MiB resident at most, {wall:.0f} s")
    grown = (sizes[1] - sizes[0]) / 1024
    print(f"difference {grown:.1f} MiB (limit 5)")
    return 0 if grown <= 5 else 1


def main():
    with tempfile.TemporaryDirectory() as folder:
        # nginx's workers are another user's where it is started by root.
        os.chmod(folder, 0o755)
        ec, rsa = free_ports(2)
        certificate(folder, "ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        certificate(folder, "rsa", ["rsa:2048"])
        with open(f"{folder}/nginx.conf", "w") as config:
            config.write(CONFIG.format(d=folder, ec=ec, rsa=rsa))
        server = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL)
        try:
            time.sleep(1)
            print(f"{RUNS} runs, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
            return memory(folder, ec) if MEMORY else compare(works(folder, ec, rsa)) or 0
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


sys.exit(main())

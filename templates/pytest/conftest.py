"""Fixtures for tests of an HTTPS server on a board, over the program esp-https.

    pytest                                                 on an emulated board, which is started for the run
    pytest --https-board 192.168.1.7 --https-cert cacert.pem
                                                           on the board at this address, which has this certificate
    pytest --embedded-services serial --port /dev/ttyUSB0 --https-cert cacert.pem
                                                           with pytest-embedded, on the board at this port

`board` is the board, `probe` and `load` run the commands of that name on it. `dut_board` is the board behind pytest-embedded's
`dut`, and comes with the line in which the board says that it serves. All of them read the JSON documents of esp-https, whose
schemas are in its folder docs/schema.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import threading

import pytest


def pytest_addoption(parser):
    group = parser.getgroup("esp-https")
    group.addoption("--https-board", metavar="HOST[:PORT]", help="the board to test [default: an emulated one]")
    group.addoption("--https-cert", metavar="PEM", default="cacert.pem", help="the certificate of that board")
    program = os.environ.get("ESP_HTTPS", "esp-https")
    group.addoption("--esp-https", metavar="PROGRAM", default=program, help="the program esp-https")


def pytest_collection_modifyitems(config, items):
    if not config.pluginmanager.hasplugin("pytest_embedded"):
        skip = pytest.mark.skip(reason="it needs pytest-embedded: pip install pytest-embedded")
        for item in items:
            if "dut_board" in getattr(item, "fixturenames", ()):
                item.add_marker(skip)


@dataclasses.dataclass(frozen=True)
class Board:
    """A board that serves."""

    target: str
    """Its address, as the commands take it."""
    certificate: str
    """The file with its certificate, which clients pin."""
    ready: dict = dataclasses.field(default_factory=dict)
    """What it said when it was ready: ip, port, mac, fw, cert_sha256. Empty when only its address is known."""
    serial_log: pathlib.Path | None = None
    """The file with what it prints on its serial port."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a command of esp-https came to."""

    exit_code: int
    result: dict | None
    error: dict | None

    def __str__(self):
        if self.error is None:
            return f"exit code {self.exit_code}"
        error = {"try": None, **self.error}
        lines = [f"exit code {self.exit_code}, {error['code']}: {error['doing']}: {error['what']}"]
        lines += [f"    | {line}" for line in error.get("evidence", [])]
        lines += [f"    try: {error['try']}"] if error["try"] else []
        return "\n".join(lines)


class EspHttps:
    """Runs the program esp-https."""

    def __init__(self, program):
        self.program = program

    def __call__(self, *words, timeout=600):
        """Runs a command to its end, whatever its exit code is."""
        command = [self.program, *map(str, words), "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=timeout, check=False)
        document = json.loads(done.stdout)
        return Outcome(done.returncode, document["result"], document["error"])

    @contextlib.contextmanager
    def emulated_board(self, folder):
        """An emulated board with a certificate of its own."""
        made = self("certgen", "--profile", "server", "--san", "ip:127.0.0.1", "--key", "p256", "--out-dir", folder)
        assert made.exit_code == 0, made
        pair = ["--cert", folder / "cacert.pem", "--key", folder / "prvtkey.pem"]
        log = folder / "serial.log"
        words = ["emulate", "--port", "0", "--json", "--serial-log", log, "--ready-timeout", "2m", *pair]
        with subprocess.Popen([self.program, *map(str, words)], stdout=subprocess.PIPE, text=True) as process:
            try:
                document = read_document(process.stdout)
                assert document["error"] is None, Outcome(document["exit_code"], None, document["error"])
                result = document["result"]
                yield Board(result["target"], result["certificate"], result["ready"], log)
            finally:
                process.terminate()


def read_document(lines):
    """The first JSON document of a program that goes on after it."""
    text = ""
    for line in lines:
        text += line
        if line.rstrip() == "}":
            with contextlib.suppress(json.JSONDecodeError):
                return json.loads(text)
    raise AssertionError(f"esp-https ended without a document: {text!r}")


@pytest.fixture(scope="session")
def esp_https(request):
    """The program esp-https: `esp_https("certgen", "--key", "p256")`."""
    return EspHttps(request.config.getoption("--esp-https"))


@pytest.fixture(scope="session")
def board(request, esp_https, tmp_path_factory):
    """The board that --https-board names, or an emulated one."""
    target = request.config.getoption("--https-board")
    if target is not None:
        yield Board(target, request.config.getoption("--https-cert"))
        return
    with esp_https.emulated_board(tmp_path_factory.mktemp("board")) as emulated:
        yield emulated


def on(esp_https, verb, board):
    """A function that runs this verb on the board and pins its certificate."""

    def run(*words, **options):
        return esp_https(verb, board.target, "--cert", board.certificate, *words, **options)

    return run


@pytest.fixture
def probe(esp_https, board):
    """Probes the board: `probe("--expect-version", "1.3")`."""
    return on(esp_https, "probe", board)


@pytest.fixture
def load(esp_https, board):
    """Loads the board: `load("-n", 100, "--fail-if", "error_rate>0")`."""
    return on(esp_https, "load", board)


@pytest.fixture
def dut_board(request, esp_https, dut):
    """The board behind pytest-embedded's `dut`, once it serves. Without the service "serial" it is the emulated one."""
    emulated = None
    with contextlib.ExitStack() as stack:
        if "serial" not in (request.config.getoption("--embedded-services") or ""):
            emulated = request.getfixturevalue("board")
            assert emulated.serial_log is not None, "--https-board names an address: there is no serial port to listen to"
            stack.enter_context(follow(emulated.serial_log, request.getfixturevalue("msg_queue")))
        ready = json.loads(dut.expect(re.compile(rb"ESP-HTTPS READY (\{[^}\r\n]*\})"), timeout=60).group(1))
        yield emulated or Board(f"{ready['ip']}:{ready['port']}", request.config.getoption("--https-cert"), ready)


@contextlib.contextmanager
def follow(log, queue):
    """Hands what is in a serial log, and what comes, to pytest-embedded."""
    done = threading.Event()

    def copy():
        with log.open("rb") as lines:
            while not done.wait(0.1):
                queue.put(lines.read())

    thread = threading.Thread(target=copy)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()

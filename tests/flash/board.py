"""A board on a pseudo-terminal: the ROM bootloader of PyPI's esp32-mock-bootloader, and what a firmware says afterwards.

The bootloader is that package's, unchanged. It runs no firmware, so this adds what a board's serial port carries once
the bootloader is left: the lines of a script, after RUN_USER_CODE or FLASH_END. Faults of a port are added too.

    board.py --port-file FILE [--link FILE] [--mac MAC] [--say SCRIPT] [--break-after BYTES] [--replug-after BYTES]
             [--flash FILE] [--chip CHIP] [--talks] [--deaf-to-baud] [--spoil ADDRESS] [--revision MINOR]
             [--record FILE [--hold REQUEST:N]]

SCRIPT has a line an event: `say TEXT`, `wait SECONDS`, `unplug`, `replug`. FILE of --flash gets what is in the flash at the
end, and the board starts with what was in it before. --link makes a link to the port, which stays its name when it comes
back as another pseudo-terminal.

FILE of --record gets a line for each request that concerns the flash: sync, compare, erase, begin, block, end. With --hold
the Nth of one kind is done and not answered: FILE.held says so, and the board waits for FILE.go. After FILE.end it writes
FILE.done as soon as nothing more is on its way to it.
"""

import argparse
import os
import signal
import sys
import threading
import time

from esp32_mock_bootloader import protocol, registers, server


def main():
    arguments = parse()
    if arguments.mac:
        mac = tuple(bytes.fromhex(arguments.mac.replace(":", "")))
        registers.mac_bytes_for_chip = lambda chip: mac
    registers.read_reg_value = with_revision(registers.read_reg_value, arguments.revision)
    flash = server.get_flash_image()
    if arguments.spoil is not None:
        spoil(flash, arguments.spoil)
    if arguments.flash and os.path.exists(arguments.flash):
        with open(arguments.flash, "rb") as file:
            flash.data[:] = file.read().ljust(len(flash.data), b"\xff")
    if arguments.record:
        Recorder(arguments).attach(flash)
    transport = Board.create()
    transport.configure(arguments)
    server._write_serial_endpoint(arguments.port_file, arguments.link or transport.client_path)
    signal.signal(signal.SIGTERM, lambda *_: leave(arguments, flash))
    while not transport.unplugged:
        server.handle_client(
            server.BootloaderConnection(pty=transport), threading.Event(), arguments.chip, None, flash=flash
        )
    leave(arguments, flash)


def leave(arguments, flash):
    if arguments.flash:
        with open(arguments.flash, "wb") as file:
            file.write(bytes(flash.data[: 4 * 1024 * 1024]))
    os._exit(0)


def with_revision(read, minor):
    """The chip's revision 0.MINOR, which the package has as 0.0 (EFUSE_RD_MAC_SPI_SYS_3_REG, bits 18 to 20)."""
    return lambda chip, address: read(chip, address) | (minor << 18 if address == 0x60008850 else 0)


def spoil(flash, address):
    """A flash cell that keeps nothing."""
    write = flash.write_defl_block

    def worn(payload):
        write(payload)
        flash.data[address] = 0

    flash.write_defl_block = worn


class Recorder:
    """Notes each request that concerns the flash, and holds one of them."""

    REQUESTS = {
        "compare": ["md5_stub_response"],
        "erase": ["erase_all"],
        "begin": ["begin_defl", "begin_plain"],
        "block": ["write_defl_block", "write_plain_block"],
        "end": ["end_defl"],
    }

    def __init__(self, arguments):
        self.path = arguments.record
        self.held, _, count = (arguments.hold or "").partition(":")
        self.left = int(count or 0)

    def attach(self, flash):
        for request, methods in self.REQUESTS.items():
            for method in methods:
                setattr(flash, method, self.noted(request, getattr(flash, method)))
        # It is called eight times for one SYNC.
        server.make_sync_response = self.noted("sync", server.make_sync_response)

    def noted(self, request, method):
        def note(*arguments, **options):
            done = method(*arguments, **options)
            with open(self.path, "a") as record:
                record.write(request + "\n")
            if request == self.held:
                self.left -= 1
                if self.left == 0:
                    self.hold()
            return done

        return note

    def hold(self):
        open(self.path + ".held", "w").close()
        while not os.path.exists(self.path + ".go"):
            time.sleep(0.01)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--chip", default="esp32c3")
    parser.add_argument("--mac")
    parser.add_argument("--say", default="")
    parser.add_argument("--break-after", type=int)
    parser.add_argument("--replug-after", type=int)
    parser.add_argument("--link")
    parser.add_argument("--deaf-to-baud", action="store_true", help="another speed is never answered at")
    parser.add_argument("--spoil", type=lambda text: int(text, 0))
    parser.add_argument("--revision", type=int, default=4)
    parser.add_argument("--flash")
    parser.add_argument("--record")
    parser.add_argument("--hold", help="REQUEST:N")
    parser.add_argument("--talks", action="store_true", help="it is not in its bootloader, and talks")
    return parser.parse_args()


class Board(server.PtyMasterTransport):
    """The transport of the package, which also says the script once the bootloader is left."""

    def configure(self, arguments):
        self.script = arguments.say.splitlines()
        self.break_after, self.replug_after = arguments.break_after, arguments.replug_after
        self.talks, self.link, self.deaf = arguments.talks, arguments.link, arguments.deaf_to_baud
        self.received, self.unplugged = 0, False
        self.record = arguments.record
        self.relink()

    def relink(self):
        if self.link:
            os.symlink(self.client_path, self.link)

    def recv(self, size):
        if self.talks:
            return self.talk()
        try:
            chunk = super().recv(size)
        except TimeoutError:
            if self.record and os.path.exists(self.record + ".end"):
                open(self.record + ".done", "w").close()
            raise
        self.received += len(chunk)
        if self.break_after is not None and self.received > self.break_after:
            self.unplug()
        if self.replug_after is not None and self.received > self.replug_after:
            self.replug_after = None
            self.replug()
        if self.deaf and has(chunk, protocol.CMD_CHANGE_BAUDRATE):
            raise TimeoutError
        if has(chunk, protocol.CMD_RUN_USER_CODE, protocol.CMD_FLASH_END):
            threading.Thread(target=self.speak, daemon=True).start()
        return chunk

    def talk(self):
        try:
            super().recv(4096)
        finally:
            time.sleep(0.1)
            self.sendall(b"I (312) main: hello from another firmware\r\n")
        raise TimeoutError

    def speak(self):
        time.sleep(0.05)
        for line in self.script:
            verb, _, rest = line.partition(" ")
            if verb == "say":
                self.sendall(rest.encode() + b"\r\n")
            elif verb == "wait":
                time.sleep(float(rest))
            elif verb == "unplug":
                self.unplug()
            elif verb == "replug":
                self.replug(leave=False)

    def unplug(self):
        self.unplugged = True
        os.close(self._master)
        raise OSError("unplugged")

    def replug(self, leave=True):
        """As the chip's own USB does when the chip is reset: gone for a moment, back as another device."""
        import pty

        os.unlink(self.link)
        master, slave = self._master, self._slave
        self._master, self._slave = pty.openpty()
        os.close(slave)
        os.close(master)
        time.sleep(0.3)
        self.relink()
        if leave:
            raise OSError("unplugged for a moment")


def has(chunk, *commands):
    """Whether one of the commands is in it. RUN_USER_CODE starts the firmware for the stub, FLASH_END for the ROM."""
    frames = server.slip_decode_frames(bytes(chunk))
    return any(len(frame) > 1 and frame[0] == 0 and frame[1] in commands for frame in frames)


if __name__ == "__main__":
    sys.exit(main())

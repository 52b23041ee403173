"""A board on a pseudo-terminal: the ROM bootloader of PyPI's esp32-mock-bootloader, and what a firmware says afterwards.

The bootloader is that package's, unchanged. It runs no firmware, so this adds what a board's serial port carries once
the bootloader is left: the lines of a script, after RUN_USER_CODE or FLASH_END. Faults of a port are added too.

    board.py --port-file FILE [--link FILE] [--mac MAC] [--say SCRIPT] [--break-after BYTES] [--replug-after BYTES]
             [--flash FILE] [--chip CHIP] [--talks]

SCRIPT has a line an event: `say TEXT`, `wait SECONDS`, `unplug`, `replug`. FILE of --flash gets what is in the flash at the
end, and the board starts with what was in it before. --link makes a link to the port, which stays its name when it comes
back as another pseudo-terminal.
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
    flash = server.get_flash_image()
    if arguments.flash and os.path.exists(arguments.flash):
        with open(arguments.flash, "rb") as file:
            flash.data[:] = file.read().ljust(len(flash.data), b"\xff")
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


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--chip", default="esp32c3")
    parser.add_argument("--mac")
    parser.add_argument("--say", default="")
    parser.add_argument("--break-after", type=int)
    parser.add_argument("--replug-after", type=int)
    parser.add_argument("--link")
    parser.add_argument("--flash")
    parser.add_argument("--talks", action="store_true", help="it is not in its bootloader, and talks")
    return parser.parse_args()


class Board(server.PtyMasterTransport):
    """The transport of the package, which also says the script once the bootloader is left."""

    def configure(self, arguments):
        self.script = arguments.say.splitlines()
        self.break_after, self.replug_after = arguments.break_after, arguments.replug_after
        self.talks, self.link = arguments.talks, arguments.link
        self.received, self.unplugged = 0, False
        self.relink()

    def relink(self):
        if self.link:
            os.symlink(self.client_path, self.link)

    def recv(self, size):
        if self.talks:
            return self.talk()
        chunk = super().recv(size)
        self.received += len(chunk)
        if self.break_after is not None and self.received > self.break_after:
            self.unplug()
        if self.replug_after is not None and self.received > self.replug_after:
            self.replug_after = None
            self.replug()
        if starts_firmware(chunk):
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


def starts_firmware(chunk):
    """RUN_USER_CODE for the stub; FLASH_END, which the ROM leaves its bootloader with."""
    return any(
        len(frame) > 1 and frame[0] == 0 and frame[1] in (protocol.CMD_RUN_USER_CODE, protocol.CMD_FLASH_END)
        for frame in server.slip_decode_frames(bytes(chunk))
    )


if __name__ == "__main__":
    sys.exit(main())

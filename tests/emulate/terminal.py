"""Runs a program at a terminal of its own, presses Ctrl-C once it says `started`, and prints its exit code."""

import os
import pty
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said = b""
while b"started" not in said:
    said += os.read(terminal, 1024)
os.write(terminal, b"\x03")
try:
    while os.read(terminal, 1024):
        pass
except OSError:
    pass  # The other side is gone.
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

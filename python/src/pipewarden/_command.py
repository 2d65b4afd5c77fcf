"""Runs the command that the package carries: without a shell, with bounds on time and output."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ._errors import CommandFailed
from ._node import node

COMMAND = Path(__file__).parent / "command" / "pipewarden.mjs"
MAX_OUTPUT = 64 * 1024 * 1024
_CHUNK = 64 * 1024
# Longer than any path or name, and shorter than Linux takes of one argument.
_LONGEST_ARGUMENT = 64 * 1024
# What programs need of the environment. The command gets no credentials and no options for Node.js.
_PASSED_ON = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "USERPROFILE")


@dataclass(frozen=True)
class Run:
    status: int
    stdout: bytes
    stderr: bytes


def run(arguments: list[str], stdin: bytes, timeout: float) -> Run:
    """Runs the command with the arguments. `timeout` is in seconds."""
    environment = {name: value for name, value in os.environ.items() if name.upper() in _PASSED_ON}
    # Compiled code would be written beside the command, where no uninstalling finds it.
    environment |= {"NODE_DISABLE_COMPILE_CACHE": "1", "NO_COLOR": "1"}
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        with subprocess.Popen(
            [node(), str(COMMAND), *map(_passable, arguments)],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        ) as process:
            outputs = [_Reader(process, process.stdout), _Reader(process, process.stderr)]
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                message = f"the command did not end within {timeout:g} seconds: give a longer timeout=."
                raise CommandFailed(message) from None
            finally:
                process.kill()
                for output in outputs:
                    output.join()
    if any(output.is_over for output in outputs):
        raise CommandFailed(f"the command wrote more than {MAX_OUTPUT} bytes: lint fewer steps at once.")
    return Run(status, outputs[0].content, outputs[1].content)


def _passable(argument: str) -> str:
    """The argument with marks for what the system passes to no program. The command then says what is wrong with it."""
    if len(argument) > _LONGEST_ARGUMENT:
        argument = argument[:_LONGEST_ARGUMENT]
    try:
        os.fsencode(argument)
    except UnicodeEncodeError:
        argument = argument.encode("utf-8", "replace").decode()
    return argument.replace("\0", "\ufffd")


class _Reader(threading.Thread):
    """Reads a stream to its end, and ends the process whose output is too long."""

    def __init__(self, process: subprocess.Popen[bytes], stream: IO[bytes] | None) -> None:
        super().__init__(daemon=True)
        self.content = b""
        self.is_over = False
        self._process = process
        self._stream = stream
        self.start()

    def run(self) -> None:
        if self._stream is None:
            return
        chunks: list[bytes] = []
        size = 0
        while chunk := self._stream.read(_CHUNK):
            size += len(chunk)
            if size > MAX_OUTPUT:
                self.is_over = True
                self._process.kill()
                return
            chunks.append(chunk)
        self.content = b"".join(chunks)

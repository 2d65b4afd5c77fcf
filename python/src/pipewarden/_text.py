"""Text from outside, made safe to show."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")


def visible(text: str) -> str:
    """The text with control and format characters written out, but for line ends: none can move a cursor or hide."""
    return "".join(
        f"\\u{{{ord(char):x}}}" if char != "\n" and unicodedata.category(char) in _HIDDEN else char for char in text
    )


def sentences(text: str) -> list[str]:
    """The sentences of a remedy, so that each can stand in a line of its own."""
    return re.split(r"(?<=\.) (?=[A-Z])", text)

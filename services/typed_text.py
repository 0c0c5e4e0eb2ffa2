"""Cleaning ids and names that people type or paste.

Never for secrets: these stay as typed, with a remark where something is odd about them.
"""

import re
import unicodedata
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

SEARCHED_AT_MOST: Final = 1_000
"""Characters of a search text at most; nothing that is searched has longer texts."""
NAMED_AT_MOST: Final = 255
"""Characters of a code, an id or a file name at most; Visier publishes no bound of its own."""

# Lone surrogates, controls, and Unicode's format characters: zero-width spaces, byte order marks,
# soft hyphens, marks of direction. Mail, chat and spreadsheets put them around copied text.
_HALVES: Final = "\ud800-\udfff"
_UNSEEN_SIGNS: Final = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890"
    "\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
_UNSEEN: Final = re.compile(f"[{_HALVES}{_UNSEEN_SIGNS}]")
_AT_AN_END: Final = re.compile(rf"\A[\s{_HALVES}{_UNSEEN_SIGNS}]+|[\s{_HALVES}{_UNSEEN_SIGNS}]+\Z")
_SPACES: Final = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def clean(text: str) -> str:
    """Return an id or a name without invisible characters, in NFC, and trimmed.

    Each kind of space becomes a plain one; tabs and line ends stay.
    """
    # Most are plain ASCII, which needs only to be trimmed.
    if not (text.isascii() and text.isprintable()):
        text = _SPACES.sub(" ", _UNSEEN.sub("", unicodedata.normalize("NFC", text)))
    return text.strip()


def clean_all(texts: pa.Array) -> pa.Array:
    """Return texts to search for a cleaned one in: as of `clean`, but not trimmed."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return texts
    seen = pc.replace_substring_regex(
        pc.utf8_normalize(texts, "NFC"), f"[{_UNSEEN_SIGNS}]", replacement=""
    )
    return pc.replace_substring_regex(seen, _SPACES.pattern, replacement=" ")


def trimmed(text: str) -> str:
    """Return a text without spaces and invisible characters at either end."""
    return _AT_AN_END.sub("", text)


def remark(secret: str) -> str:
    """Return what is odd about a secret, without any part of it; "" for nothing."""
    # A PEM key copied out of JSON: its line ends are two characters, and no provider reads it.
    if "-----BEGIN" in secret and r"\n" in secret:
        return r"has \n, two signs, where the lines of a key end"
    is_padded = secret.rstrip("\r\n") != trimmed(secret)
    return "begins or ends with a space or a sign that nobody sees" if is_padded else ""

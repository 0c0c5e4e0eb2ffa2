"""What is pasted is read as it is meant, and a secret is never touched."""

import unicodedata

import pyarrow as pa
import pytest

from services.typed_text import clean, clean_all, remark, trimmed

KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("WFF_j1r~c7o", "WFF_j1r~c7o"),
        ("\ufeffWFF_j1r~c7o\u200b", "WFF_j1r~c7o"),
        ("\u2068WFF_j1r~c7o\u2069", "WFF_j1r~c7o"),
        ("\u00a0 a\u00a0b \u2003", "a b"),
        ("a\tb\r\nc\n", "a\tb\r\nc"),
        ("Mu\u0308ller", "M\u00fcller"),
        ("soft\u00adhyphen", "softhyphen"),
        ("half \ud83d of it", "half  of it"),
        ("a\x00b\x07", "ab"),
        ("\u200b\ufeff", ""),
        ("Étoile 星 ⭐", "Étoile 星 ⭐"),
    ],
)
def test_what_nobody_sees_does_not_count(pasted: str, meant: str) -> None:
    assert clean(pasted) == meant
    assert clean(meant) == meant
    if "\ud83d" not in pasted:
        assert clean_all(pa.array([pasted, "ä", None]))[0].as_py().strip() == meant


def test_nothing_that_can_be_seen_is_lost() -> None:
    seen = [chr(n) for n in range(0x30000) if unicodedata.category(chr(n))[0] in "LNPS"]
    assert len(clean("".join(seen))) == len(unicodedata.normalize("NFC", "".join(seen)))


def test_a_text_that_is_kept_loses_only_what_stands_at_its_ends() -> None:
    family = "\N{MAN}\u200d\N{WOMAN}"
    assert trimmed(f"\ufeff {family} \u00a0x\u200b\n") == f"{family} \u00a0x"


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("s3cret", ""),
        ("", ""),
        (KEY, ""),
        (" s3cret", "begins or ends with a space or a sign that nobody sees"),
        ("s3cret\u200b", "begins or ends with a space or a sign that nobody sees"),
        (KEY.replace("\n", "\\n"), r"has \n, two signs, where the lines of a key end"),
        (r"pass\n", ""),
    ],
)
def test_what_is_odd_about_a_secret_is_said_without_a_word_of_it(secret: str, said: str) -> None:
    assert remark(secret) == said

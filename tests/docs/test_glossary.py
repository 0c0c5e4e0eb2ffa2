"""The glossary explains the words it uses, and has those of the ledger."""

import re
from pathlib import Path

from services.ledger import Outcome, State

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = {
    word.strip(): meaning
    for words, meaning in re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", TEXT, re.MULTILINE)
    for word in words.split(",")
}


def test_every_word_in_italics_is_explained() -> None:
    used = {
        word
        for meaning in ROWS.values()
        for word in re.findall(r"(?<!\*)\*(\w[^*]*)\*(?!\*)", meaning)
    }
    assert len(used) > 10
    assert {word for word in used if not {word, word.removesuffix("s")} & {*ROWS}} == set()


def test_it_has_every_state_and_outcome() -> None:
    assert [each for each in State if each.replace("_", " ") not in ROWS["state"]] == []
    assert [each for each in Outcome if each.replace("_", " ") not in ROWS["outcome"]] == []

"""What the documents name is there: paths, links and pictures; and every picture is wanted."""

import re
from pathlib import Path

import pytest

from tests.screenshots import PICTURES, TAKEN

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
GUIDES = [ROOT / "docs" / name for name in ("administrators.md", "developers.md")]
TOP = "dashboard|docs|pages|services|tests"
PATH = re.compile(rf"`((?:{TOP})/[\w./-]+)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)")


def name(document: Path) -> str:
    return document.name


@pytest.mark.parametrize("document", GUIDES, ids=name)
def test_every_path_it_names_exists(document: Path) -> None:
    named = PATH.findall(document.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_guide_for_developers_names_paths() -> None:
    assert len(PATH.findall(GUIDES[1].read_text(encoding="utf-8"))) > 30


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_link_leads_to_a_file(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_pictures_are_those_the_script_takes_and_small() -> None:
    there = {path.stem: path.stat().st_size for path in PICTURES.glob("*.png")}
    assert there.keys() == {picture.name for picture in TAKEN}
    assert [stem for stem, size in there.items() if size > 250_000] == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = " ".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    missing = [picture.name for picture in TAKEN if f"pictures/{picture.name}.png" not in shown]
    assert missing == []

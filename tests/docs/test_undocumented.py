"""Whatever a person can set, do, open or run is named in a document."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from dashboard import navigation
from dashboard.settings import Settings
from services.operations import Verb

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
TARGETS = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
SCREENS = (*navigation.SCREENS, navigation.ACTIVITY, navigation.SIGN_IN)


def undocumented(names: Iterable[str], text: str) -> list[str]:
    """Return what is nowhere in a text, as it is written there."""
    return [name for name in names if not re.search(rf"{re.escape(name)}(?![\w-])", text)]


NAMED: dict[str, tuple[Callable[[str], str], list[str]]] = {
    "settings": (lambda name: f"`{name}", [name.upper() for name in Settings.model_fields]),
    "verbs": (lambda token: f"`{token}`", list(Verb)),
    "screens": (lambda title: f"**{title}**", [screen.title for screen in SCREENS]),
    "make targets": (lambda target: f"make {target}", TARGETS),
}


@pytest.mark.parametrize("kind", NAMED)
def test_nothing_is_undocumented(kind: str) -> None:
    written, names = NAMED[kind]
    assert names
    missing = undocumented(map(written, names), TEXT)
    assert missing == [], f"{kind} that no document names: {', '.join(missing)}"


def test_a_longer_name_documents_no_shorter_one() -> None:
    assert undocumented(["make test", "make run"], "make test-all, `make run`") == ["make test"]

"""What an operator reads about signing in and permissions is what the code does."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dashboard.connection_settings import ConnectionSettings
from dashboard.settings import Settings
from services.operations import EVERY_VERB

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
EXAMPLES = [tomllib.loads(each) for each in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)]
EXAMPLE = (ROOT / ".streamlit" / "secrets.example.toml").read_text(encoding="utf-8")


def cells(heading: str) -> list[list[str]]:
    """Give the rows of the first table below a heading."""
    below = TEXT.partition(f"\n## {heading}\n")[2]
    table = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert table
    rows = table[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_its_verbs_are_all_there_are() -> None:
    named = [row[0].strip("`") for row in cells("Permissions by group")]
    assert sorted(named) == sorted(EVERY_VERB)


def test_it_names_no_setting_there_is_not() -> None:
    named = set(re.findall(r"`((?:DASHBOARD|VISIER)_[A-Z_]+)[`=]", TEXT))
    assert len(named) >= 8
    assert {name.lower().partition("__")[0] for name in named} <= set(Settings.model_fields)
    of_a_connection = {name.lower().rpartition("__")[2] for name in named if "__" in name}
    assert of_a_connection
    assert of_a_connection <= set(ConnectionSettings.model_fields)


@pytest.mark.parametrize("example", EXAMPLES)
def test_its_examples_can_be_copied(
    example: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert {name.lower() for name in example} - {"auth"} <= set(Settings.model_fields)
    Settings(**{name.lower(): value for name, value in example.items() if name != "auth"})
    auth = example.get("auth")
    assert auth is None or set(auth) == {
        "redirect_uri",
        "cookie_secret",
        "client_id",
        "client_secret",
        "server_metadata_url",
    }


def test_the_example_of_secrets_becomes_settings_when_its_marks_are_taken_away() -> None:
    text = re.sub(r"^# (?=\[|[A-Z_]+ = |[a-z_-]+ = )", "", EXAMPLE, flags=re.MULTILINE)
    given = tomllib.loads(text)
    assert given.pop("auth")
    assert {name.lower() for name in given} <= set(Settings.model_fields)
    Settings(**{name.lower(): value for name, value in given.items() if value != ""})

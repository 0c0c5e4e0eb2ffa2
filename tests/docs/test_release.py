"""What `make release` asks for holds at any time, and it says what does not."""

import re

import pytest

from tests.docs import release

CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n- More.\n\n## [1.2.0] - 2026-02-03\n\n- All.\n"
CUT = CHANGELOG.replace("[Unreleased]", "[1.3.0] - 2026-03-04")
DOCUMENTS = {"docs/a.md": "As of version 1.2.0. Streamlit 1.67.0 draws it."}


def test_version_changelog_and_documents_agree() -> None:
    changelog = (release.ROOT / "CHANGELOG.md").read_text("utf-8")
    assert list(release.disagreements(release.version(), changelog, release.documents())) == []


@pytest.mark.parametrize(("version", "changelog"), [("1.3.0.dev0", CHANGELOG), ("1.3.0", CUT)])
def test_a_release_in_work_and_one_that_is_cut_agree(version: str, changelog: str) -> None:
    assert list(release.disagreements(version, changelog, DOCUMENTS)) == []


@pytest.mark.parametrize(
    ("version", "changelog", "said"),
    [
        ("1.3.0.dev0", CUT, r"begin with \[Unreleased\]"),
        ("1.2.0.dev0", CHANGELOG, r"1\.2\.0 is released: raise the version"),
        ("1.3.0", CHANGELOG, r"begin with \[1\.3\.0\] and its date"),
        ("1.3.0", CUT.replace(" - 2026-03-04", ""), r"Write the date of 1\.3\.0"),
        ("1.4.0", CUT, r"begin with \[1\.4\.0\]"),
    ],
)
def test_what_does_not_agree_is_said(version: str, changelog: str, said: str) -> None:
    assert re.search(said, " ".join(release.disagreements(version, changelog, DOCUMENTS)))


def test_a_document_names_no_version_that_the_changelog_does_not() -> None:
    (said,) = release.disagreements("1.3.0", CUT, {"docs/a.md": "New in release 1.1.0."})
    assert said.startswith("docs/a.md names 1.1.0")


def test_the_first_release_is_told_in_25_lines_at_most() -> None:
    changelog = (release.ROOT / "CHANGELOG.md").read_text("utf-8")
    first = changelog.partition("\n## [0.1.0] - 2026-11-29\n")[2]
    assert 0 < len(first.partition("\n## ")[0].splitlines()) < 25


def test_every_entry_is_one_line_of_a_kind() -> None:
    """Keep a Changelog: a heading, an entry of one line, and nothing else below a release."""
    changelog = (release.ROOT / "CHANGELOG.md").read_text("utf-8")
    _, *below = changelog.split("\n## ")
    lines = [line for release_ in below for line in release_.splitlines()[1:] if line]
    kinds = {
        f"### {kind}" for kind in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
    }
    assert [line for line in lines if line not in kinds and not line.startswith("- ")] == []

"""What keeps a release from being cut: `python -m tests.docs.release`. It publishes nothing."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.version import Version

from tests.docs import settings
from tests.supply import licences

ROOT = Path(__file__).resolve().parents[2]
HEADING = re.compile(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", re.MULTILINE)
# Of other packages, documents name versions without such words.
NAMED = re.compile(r"\b(?:version|release) `?v?(\d+\.\d+\.\d+(?:\.dev\d+)?)\b", re.IGNORECASE)


def version() -> str:
    """Return the version of the project."""
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return found


def documents() -> dict[str, str]:
    """Return the text of each document that is not the changelog, by its path."""
    paths = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}


def disagreements(version: str, changelog: str, documents: Mapping[str, str]) -> Iterator[str]:
    """Give a sentence for each place that tells of another version than the project has."""
    headings = HEADING.findall(changelog)
    dated = [name for name, date in headings if date]
    wanted, _, in_work = version.partition(".dev")
    if in_work and headings[0][0] != "Unreleased":
        yield f"CHANGELOG.md has to begin with [Unreleased] while {version} is in work."
    if in_work and dated and Version(wanted) <= Version(dated[0]):
        yield f"{dated[0]} is released: raise the version in pyproject.toml above it."
    if not in_work and headings[0][0] != version:
        yield f"CHANGELOG.md has to begin with [{version}] and its date, as pyproject.toml says."
    if not in_work and version not in dated:
        yield f"Write the date of {version} behind its heading in CHANGELOG.md."
    for path, text in documents.items():
        for named in {*NAMED.findall(text)} - {version, *dated}:
            yield f"{path} names {named}, which CHANGELOG.md does not: correct one of them."


def out_of_date() -> Iterator[str]:
    """Give a sentence for each list that says something else than what writes it."""
    if settings.LISTED.read_text("utf-8") != settings.written():
        yield "docs/settings.md is out of date: run make settings."
    if licences.LISTED.read_text("utf-8") != licences.written():
        yield "docs/licences.md is out of date: run make licences."


def uncommitted() -> Iterator[str]:
    """Give a sentence when something is not committed."""
    asked = ["git", "status", "--porcelain"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    if told:
        yield f"Commit, or take back: {', '.join(line[3:] for line in told.splitlines())}."


def main() -> None:
    """Say what is in the way, or that nothing is; end with 1 where something is."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    now = version()
    wrong = [*disagreements(now, changelog, documents()), *out_of_date(), *uncommitted()]
    if wrong:
        sys.exit("\n".join(wrong))
    wanted, _, in_work = now.partition(".dev")
    sys.stdout.write(f"pyproject.toml, CHANGELOG.md and the documents agree on {now}.\n")
    if in_work:
        sys.stdout.write(
            f"To release it, write {wanted} for {now}, and [{wanted}] with its date for"
            " [Unreleased] in CHANGELOG.md.\n"
        )


if __name__ == "__main__":
    main()

"""The licence of every dependency. `python -m tests.supply.licences` writes docs/licences.md."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LISTED = ROOT / "docs" / "licences.md"
RUNTIME, DEVELOPMENT = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
ELSEWHERE = "not installed where this list was made"
CLASSIFIER = "License :: OSI Approved :: "
# Read in the licence file by hand: the metadata do not name it.
NAMED_IN_A_FILE = {"axe-playwright-python": "MIT, with axe-core: MPL-2.0"}
HEAD = """# Licences

The licence each dependency declares. `make licences` generates this file from the installed
packages; a test fails if it is out of date. `psycopg` (LGPL) is installed only for a ledger in
PostgreSQL.
"""


@dataclass(frozen=True)
class Pinned:
    """One line of a requirements file; ``only`` says where it is installed, empty: everywhere."""

    name: str
    version: str
    only: str


def pinned(requirements: Path) -> list[Pinned]:
    """Return what a requirements file pins, without the hashes."""
    lines = [line.removesuffix("\\").strip() for line in requirements.read_text().splitlines()]
    return [_pinned(Requirement(line)) for line in lines if line and not line.startswith("--hash")]


def _pinned(line: Requirement) -> Pinned:
    version = str(line.specifier).removeprefix("==")
    return Pinned(canonicalize_name(line.name), version, str(line.marker or ""))


def licence(wanted: Pinned) -> str | None:
    """Return what an installed package says of its licence; None when it is not this version."""
    try:
        found = distribution(wanted.name)
    except PackageNotFoundError:
        return None
    return _told(found) if found.version == wanted.version else None


def _told(found: Distribution) -> str:
    told: Mapping[str, str] = {key: found.metadata[key] for key in found.metadata}
    classifiers = found.metadata.get_all("Classifier") or []
    by_classifier = [
        each.removeprefix(CLASSIFIER) for each in classifiers if each.startswith(CLASSIFIER)
    ]
    free_text = told.get("License", "").strip()
    # Some put the whole licence into the field meant for its name.
    name = free_text if "\n" not in free_text and len(free_text) < 60 else ""
    named = told.get("License-Expression") or name or ", ".join(by_classifier)
    return named or NAMED_IN_A_FILE.get(canonicalize_name(found.name), "not told")


def written() -> str:
    """Return the list as it stands in the file."""
    runtime = pinned(RUNTIME)
    there = {(each.name, each.version) for each in runtime}
    development = [each for each in pinned(DEVELOPMENT) if (each.name, each.version) not in there]
    parts = {"To run it": runtime, "To develop and test it": development}
    tables = ("\n".join(["", f"## {title}", "", *_table(rows)]) for title, rows in parts.items())
    return HEAD + "\n".join([*tables, ""])


def _table(rows: Iterable[Pinned]) -> Iterator[str]:
    yield from ("| package | version | licence |", "| --- | --- | --- |")
    for row in rows:
        where = f", only where {row.only}" if row.only else ""
        yield f"| {row.name} | {row.version}{where} | {licence(row) or ELSEWHERE} |"


if __name__ == "__main__":
    LISTED.write_text(written(), encoding="utf-8")

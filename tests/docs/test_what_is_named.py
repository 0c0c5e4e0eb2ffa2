"""What the documents name is there: paths, links and pictures; and every picture is wanted."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screenshots import PICTURES, TAKEN

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("dashboard", "docs", "pages", "services", "tests")
FILES = [path for part in PARTS for path in (ROOT / part).rglob("*")]
THERE = [
    path.relative_to(ROOT).as_posix() for path in (*FILES, *ROOT.glob("*"), *ROOT.glob(".*/*"))
]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "services/sandbox/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ENDING = r"(?:conf|css|jinja|js|json|md|png|py|sqlite3|svg|toml|txt|yaml)"
PATH = re.compile(rf"`((?:{'|'.join(PARTS)})/[\w./-]+|[\w./-]*\w\.{ENDING})`")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
# What somebody makes: by a command, or for themselves.
MADE = {"bench.json", "load.json", "secrets.toml", "ledger_password.txt"}


def name(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def exists(named: str, document: Path) -> bool:
    """Tell whether a path is one from the root, or from the document, or the end of one."""
    wanted = named.strip("/").removeprefix("./")
    if Path(wanted).name in MADE or (document.parent / wanted).exists():
        return True
    return any(path == wanted or path.endswith(f"/{wanted}") for path in THERE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_path_it_names_exists(document: Path) -> None:
    named = PATH.findall(document.read_text(encoding="utf-8"))
    assert [path for path in named if not exists(path, document)] == []


def test_a_path_that_is_none_is_found() -> None:
    named = PATH.findall("In `services/nothing.py`, `nowhere.md` and `services/clock.py`.")
    assert [path for path in named if not exists(path, DOCUMENTS[0])] == [
        "services/nothing.py",
        "nowhere.md",
    ]


def listed_modules() -> Iterator[str]:
    """Yield the path of every file and folder in the list of modules."""
    above: list[tuple[int, str]] = []
    for line in ARCHITECTURE.partition("## Modules")[2].split("```")[1].splitlines():
        indent = len(line) - len(line.lstrip())
        while above and above[-1][0] >= indent:
            above.pop()
        for one in re.findall(rf"(?:^|[ ,;:])(\w+/|\w+\.{ENDING})(?=[ ,;:.]|$)", line):
            path = "".join(folder for _, folder in above) + one
            if one.endswith("/"):
                above.append((indent, one))
            yield path


def test_every_listed_module_exists() -> None:
    named = list(listed_modules())
    assert len(named) > 200
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_module_is_listed() -> None:
    """The sandbox's own readme lists its modules; the usual parts of a screen need no entry."""
    of_a_screen = {"page.py", "filters.py", "charts.py", "actions.py"}
    modules = (
        path
        for part in ("dashboard", "pages", "services")
        for path in (ROOT / part).rglob("*.py")
        if path.name not in {"__init__.py", "env.py"}
        and not {"sandbox", "versions"} & {*path.parts}
    )
    named = {*listed_modules()}
    assert [
        place
        for module in modules
        if (place := name(module)) not in named
        and not (place.startswith("pages/") and module.name in of_a_screen)
    ] == []


def anchors(document: Path) -> set[str]:
    """Return what its headings are linked by: as GitHub makes it, without punctuation."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(document: Path) -> None:
    for path, anchor in LINK.findall(document.read_text(encoding="utf-8")):
        to = document.parent / path if path else document
        assert to.exists(), path
        assert not anchor or anchor in anchors(to), f"{path}#{anchor}"


def test_the_pictures_are_those_the_script_takes_and_small() -> None:
    there = {path.stem: path.stat().st_size for path in PICTURES.glob("*.png")}
    assert there.keys() == {picture.name for picture in TAKEN}
    assert [stem for stem, size in there.items() if size > 250_000] == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = " ".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    missing = [picture.name for picture in TAKEN if f"pictures/{picture.name}.png" not in shown]
    assert missing == []

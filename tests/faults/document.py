"""docs/reliability.md: what is promised, in plain words, and the outcome of every cell."""

from collections.abc import Iterable, Mapping, Sequence

from tests.faults.columns import COLUMNS, IN_THE_ANSWER, ON_THE_WAY, Column
from tests.faults.reads import READS
from tests.faults.rows import Read, Renewal, Write
from tests.faults.running import Cells
from tests.faults.screen import DONE, EMPTY, LESS, NO_RESULT, NOT_DONE, NOT_SENT, SHOWN, UNSURE
from tests.faults.sign_ins import RENEWALS, SIGN_INS
from tests.faults.writes import WRITES
from tests.pages.conftest import ROOT

PUBLISHED = ROOT / "docs" / "reliability.md"
UNTOUCHED = "·"
SIGNS: Mapping[str, str] = {
    SHOWN: "✓",
    DONE: "✓",
    EMPTY: "○",
    LESS: "◐",
    UNSURE: "?",
    NO_RESULT: "∅",
    NOT_DONE: "✕",
    NOT_SENT: "-",
    "unreadable": "!",
    "error": "!",
}


def written(cells: Mapping[str, Cells]) -> str:
    """Return the whole document; without cells all but the rows of its tables."""
    head = (ROOT / "tests" / "faults" / "reliability.md").read_text(encoding="utf-8")
    rows: dict[str, Read | Renewal | Write] = {**SIGN_INS, **RENEWALS, **READS, **WRITES}
    told = {name: _lines(rows[name], found) for name, found in cells.items()}
    first, second = (
        "\n".join([*_header(columns), *(told[name][place] for name in told)])
        for place, columns in enumerate((ON_THE_WAY, IN_THE_ANSWER))
    )
    return head.replace("{on_the_way}", first).replace("{in_the_answer}", second)


def _header(columns: Sequence[Column]) -> Iterable[str]:
    titles = [column.title.replace("_", " ") for column in columns]
    yield f"| operation | screen | {' | '.join(titles)} |"
    yield f"| --- | --- |{' --- |' * len(titles)}"


def _lines(row: Read | Renewal | Write, cells: Cells) -> tuple[str, ...]:
    """Return the rows of an operation in the two tables."""
    return tuple(
        " | ".join([_begin(row), *(_told(cells, column) for column in columns)]) + " |"
        for columns in (ON_THE_WAY, IN_THE_ANSWER)
    )


def _begin(row: Read | Renewal | Write) -> str:
    return f"| `{row.operation}` | {row.screen}"


def check_published(row: Read | Renewal | Write, cells: Cells, columns: Sequence[Column]) -> None:
    """Raise AssertionError unless the document says what has become of these columns, or of all."""
    published = PUBLISHED.read_text(encoding="utf-8").splitlines()
    rows = [line for line in published if line.startswith(f"{_begin(row)} |")]
    told = [cell for line in rows for cell in line.strip("| ").split(" | ")[2:]]
    said = dict(zip(COLUMNS, told, strict=True))
    for column in columns or COLUMNS.values():
        now = _told(cells, column)
        assert said[column.title] == now, f"{column.title}: {now}; run make reliability"


def _told(cells: Cells, column: Column) -> str:
    """Say in the words or the signs of its table what has become of a cell."""
    if column.title not in cells:
        return UNTOUCHED
    cell = cells[column.title]
    if column in IN_THE_ANSWER:
        return "".join(SIGNS.get(word, word) for word in cell.word.split(" + "))
    return f"{cell.word} ({cell.requests})" if cell.requests > 1 else cell.word

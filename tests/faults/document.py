"""docs/reliability.md: what is promised, in plain words, and the outcome of every cell."""

from collections.abc import Iterable, Mapping, Sequence

from tests.faults.columns import IN_THE_ANSWER, ON_THE_WAY, Column
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
    told = {name: lines(rows[name], found) for name, found in cells.items()}
    first, second = (
        "\n".join([*_header(columns), *(told[name][place] for name in told)])
        for place, columns in enumerate((ON_THE_WAY, IN_THE_ANSWER))
    )
    return head.replace("{on_the_way}", first).replace("{in_the_answer}", second)


def _header(columns: Sequence[Column]) -> Iterable[str]:
    titles = [column.title.replace("_", " ") for column in columns]
    yield f"| operation | screen | {' | '.join(titles)} |"
    yield f"| --- | --- |{' --- |' * len(titles)}"


def lines(row: Read | Renewal | Write, cells: Cells) -> tuple[str, str]:
    """Return the rows of an operation in the two tables."""
    on_the_way = [_in_words(cells, column) for column in ON_THE_WAY]
    in_the_answer = [_in_signs(cells, column) for column in IN_THE_ANSWER]
    begin = f"| `{row.operation}` | {row.screen} |"
    return (
        f"{begin} {' | '.join(on_the_way)} |",
        f"{begin} {' | '.join(in_the_answer)} |",
    )


def check_published(row: Read | Renewal | Write, cells: Cells) -> None:
    """Raise AssertionError unless the document says of an operation what has become of it."""
    published = PUBLISHED.read_text(encoding="utf-8").splitlines()
    for line in lines(row, cells):
        assert line in published, "run make reliability"


def _in_words(cells: Cells, column: Column) -> str:
    cell = cells[column.title]
    return f"{cell.word} ({cell.requests})" if cell.requests > 1 else cell.word


def _in_signs(cells: Cells, column: Column) -> str:
    if column.title not in cells:
        return UNTOUCHED
    return "".join(SIGNS.get(word, word) for word in cells[column.title].word.split(" + "))

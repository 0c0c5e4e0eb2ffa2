"""The screens that are measured, and what each of them shows in which state."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from tests.load.tab import Answer, Tab

_COUNT = re.compile(r"^[\d,]+ (of|jobs,) ")
# So many rows of a table can be seen at least, in the window of the benchmark.
_IN_SIGHT = 5
# By these columns a row is told from others.
_NAMING = ("job", "tenant_code", "fingerprint")
# A mark is where it is and what it is drawn as; all else about it is ours.
_PLACES = ("type", "mode", "orientation", "x", "y", "z")
_BYTES_OF = {"f8": 8, "f4": 4, "i4": 4, "u4": 4, "i2": 2, "u2": 2, "i1": 1, "u1": 1}

Trace = dict[str, Any]


@dataclass(frozen=True)
class Screen:
    """A screen, by its title and its address, and what is done on it.

    `filter` is the key of what filters it: a field that `word` is typed into, or a toggle.
    `filtered` is the query of the address that has the filter.
    """

    title: str
    path: str
    filter: str
    filtered: str
    word: str = ""
    query: str = ""
    has_selection: bool = True

    def address(self, *, is_filtered: bool = False) -> str:
        """Return the path and query of the screen as it opens, or with its filter."""
        query = "&".join(filter(None, [self.query, self.filtered if is_filtered else ""]))
        return f"{self.path}?{query}" if query else self.path


@dataclass(frozen=True)
class Shown:
    """What stands on a screen: the line that counts its rows, its tables, its marks by trace.

    `elements` is how many elements the screen and what is around it were sent as.
    """

    text: str
    frames: list[pd.DataFrame]
    figures: list[list[Trace]]
    elements: int

    def wanted(self, instead_of: "Shown | None" = None) -> dict[str, Any]:
        """Return by what a browser tells that all of it is there, where another was before."""
        before = instead_of.frames if instead_of else [None] * len(self.frames)
        pairs = zip(self.frames, before, strict=True)
        drawn = [text for frame, other in pairs for text in _telling(frame, other)]
        return {"line": self.text, "drawn": drawn, "marks": self.marks, "rows": self.first_rows}

    @property
    def first_rows(self) -> list[str]:
        """The first row of every picture whose rows have names: another picture has another."""
        rows = [traces[0].get("y") for traces in self.figures if traces]
        return [row[0] for row in rows if isinstance(row, list) and isinstance(row[0], str)]

    @property
    def marks(self) -> int:
        """How many marks the pictures have."""
        return sum(_marks(trace) for traces in self.figures for trace in traces)


async def shown_at(tab: Tab, address: str) -> Shown:
    """Open an address and return what is shown there."""
    answer = await tab.open(address)
    elements = sum(1 for _ in answer.elements())
    return Shown(_text(answer), list(_frames(answer)), list(_figures(answer)), elements)


def _text(answer: Answer) -> str:
    texts = [element.text.body for element in answer.elements() if element.HasField("text")]
    return next(text for text in reversed(texts) if _COUNT.match(text))


def _frames(answer: Answer) -> Iterator[pd.DataFrame]:
    for element in answer.elements():
        if element.HasField("dataframe"):
            yield pa.ipc.open_stream(element.dataframe.arrow_data.data).read_pandas()


def _figures(answer: Answer) -> Iterator[list[Trace]]:
    for element in answer.elements():
        if element.HasField("plotly_chart"):
            traces = json.loads(element.plotly_chart.spec)["data"]
            yield [{name: of[name] for name in _PLACES if name in of} for of in traces]


def _telling(frame: pd.DataFrame, before: pd.DataFrame | None) -> list[str]:
    """Return the name of the first row that stood elsewhere before; none if all is as it was."""
    names = _names(frame)
    if before is None:
        return names[:1]
    others = _names(before)
    if names == others:
        return []
    pairs = zip(names[:_IN_SIGHT], others, strict=False)
    # Where only what is out of sight is different, the table is drawn anew all the same.
    return [next((name for name, other in pairs if name != other), names[0])]


def _names(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame[next(name for name in _NAMING if name in frame)]]


def _marks(trace: Trace) -> int:
    values = trace.get("z", trace.get("x"))
    if isinstance(values, dict) and "shape" in values:
        rows, columns = (int(number) for number in str(values["shape"]).split(","))
        return rows * columns
    if isinstance(values, dict):
        return len(values["bdata"]) * 3 // 4 // _BYTES_OF[values["dtype"]]
    return sum(len(row) if isinstance(row, list) else 1 for row in values or [])

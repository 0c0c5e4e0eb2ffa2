"""A frame as a file to take away."""

import re
from datetime import date

import pandas as pd

# A spreadsheet runs a cell that begins with one of these as a formula; the wide ones where it is
# set up for Chinese, Japanese or Korean.
WIDE = ("\uff1d", "\uff0b", "\uff0d", "\uff20")
FORMULA_STARTS = ("=", "+", "-", "@", *WIDE, "\t", "\r", "\n")
# What is in the end of a line is quoted in a cell; before Python 3.11.9 nothing else makes the csv
# module quote a bare carriage return.
LINE_END = "\r\n"
_EVERY_TABLE = frozenset({"table", "list"})


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return the frame as UTF-8 CSV whose cells no spreadsheet takes for a formula.

    Times are ISO 8601 in UTC. It begins with a byte order mark: without one, Excel takes the
    accents for something else.
    """
    plain = _times_as_text(frame).apply(_neutralised)
    # A column may be named by a tenant.
    plain.columns = _neutralised(pd.Series(plain.columns, dtype="str"))
    text: str = plain.to_csv(index=False, lineterminator=LINE_END)
    return text.encode("utf-8-sig")


def to_json(frame: pd.DataFrame) -> bytes:
    """Return the frame as a UTF-8 JSON array of objects; times are ISO 8601 in UTC."""
    return _times_as_text(frame).to_json(orient="records", force_ascii=False).encode()


def file_name(screen: str, table: str, place: str, on: date, kind: str) -> str:
    """Return what a file is called: `data-versions-2026-11-30.csv`.

    `screen` is the title of its screen and `table` the key of its table there, of which what tells
    something is added; `place` tells one tenant or connection from others, where there are several.
    """
    own = [part for part in re.split(r"[._]", table) if part.isalpha() and part not in _EVERY_TABLE]
    # It begins with what all keys of a screen begin with, but for tables that any screen may show.
    told = own if own[:1] in (["plan"], ["operation"], ["start"]) else own[1:]
    parts = (screen.lower(), *told, place, f"{on:%Y-%m-%d}")
    name = "-".join(re.sub(r"[^\w.~-]+", "-", part).strip("-") for part in parts if part)
    return f"{name}.{kind}"


def _times_as_text(frame: pd.DataFrame) -> pd.DataFrame:
    times = frame.select_dtypes(include="datetimetz").columns
    texts = {
        name: frame[name].dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S.%f").str[:-3] + "Z"
        for name in times
    }
    return frame.assign(**texts)


def _neutralised(column: pd.Series) -> pd.Series:
    if not (isinstance(column.dtype, pd.CategoricalDtype) or column.dtype in ("str", "object")):
        return column
    texts = column.astype("str")
    return texts.where(~texts.str.startswith(FORMULA_STARTS, na=False), "'" + texts)

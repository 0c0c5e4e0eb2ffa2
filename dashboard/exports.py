"""A frame as a file to take away."""

import pandas as pd

# A spreadsheet runs a cell that begins with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return the frame as UTF-8 CSV whose cells no spreadsheet takes for a formula.

    Times are ISO 8601 in UTC. It begins with a byte order mark: without one, Excel takes the
    accents for something else.
    """
    return _times_as_text(frame).apply(_neutralised).to_csv(index=False).encode("utf-8-sig")


def to_json(frame: pd.DataFrame) -> bytes:
    """Return the frame as a UTF-8 JSON array of objects; times are ISO 8601 in UTC."""
    return _times_as_text(frame).to_json(orient="records", force_ascii=False).encode()


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

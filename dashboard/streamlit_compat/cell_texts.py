"""What a cell shows in place of its value, cell by cell, while the table sorts by the values.

A column has one format for all its cells, so it cannot leave out the day where that is today. The
texts of a pandas Styler can: the browser shows them, and sorts and copies the values. But pandas
makes a page of HTML to tell them, and Streamlit reads that cell by cell, which takes 1.5 s for
5,000 rows of 11 columns. Here the texts go straight to where Streamlit puts those of a Styler.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from streamlit import dataframe_util
from streamlit.elements import arrow
from streamlit.proto.ArrowData_pb2 import ArrowData

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

_TEXTS: Final = "dashboard_texts"


def saying(frame: pd.DataFrame, texts: Mapping[str, pd.Series]) -> "Styler":
    """Return what st.dataframe takes for a frame whose named columns say these texts.

    Theirs must be columns of times or numbers without a format in column_config, which would go
    first. A missing text leaves a cell as it is.
    """
    _install()
    nothing = pd.Series(None, frame.index, dtype="object")
    styler = frame.style
    said = pd.DataFrame({name: texts.get(name, nothing) for name in map(str, frame)}, frame.index)
    setattr(styler, _TEXTS, said)
    return styler


def _install() -> None:
    # A private part of Streamlit 1.67: a test in a browser shows when a newer version has another.
    # By its name: Streamlit does not export it.
    marshall = vars(arrow)["marshall_styler"]
    if not hasattr(marshall, "__wrapped__"):
        vars(arrow)["marshall_styler"] = _straight(marshall)


def _straight(marshall: Callable[..., None]) -> Callable[..., None]:
    @wraps(marshall)
    def straight(proto: ArrowData, styler: Any, default_uuid: str) -> None:
        texts = getattr(styler, _TEXTS, None)
        if texts is None:
            marshall(proto, styler, default_uuid)
            return
        proto.styler.uuid = default_uuid
        proto.styler.display_values = dataframe_util.convert_pandas_df_to_arrow_bytes(texts)

    return straight

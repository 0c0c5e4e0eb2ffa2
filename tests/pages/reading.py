"""What a person reads on a page."""

import re

import pandas as pd
from streamlit.testing.v1 import AppTest

SIGNING_IN = ["security_token", "tenants"]


def table(app: AppTest) -> pd.DataFrame:
    shown: pd.DataFrame = app.dataframe[0].value
    return shown


def texts(app: AppTest) -> str:
    elements = [*app.text, *app.markdown, *app.caption]
    return "\n".join(str(element.value) for element in elements)


def as_read(markdown: str) -> str:
    """Return what a person reads of Markdown whose signs are escaped."""
    return re.sub(r"\\(?=[^a-zA-Z0-9\s])", "", markdown)


def counts(app: AppTest, key: str) -> dict[str, int]:
    """Return how many rows each option of a choice says it keeps, where it knows."""
    (drawn,) = [each for each in app.segmented_control if each.key == key]
    told = (option.rsplit(" ", 1) for option in drawn.options)
    return {word: int(number.replace(",", "")) for word, number in told if number != "—"}


def metrics(app: AppTest) -> dict[str, int]:
    return {metric.label: int(metric.value.replace(",", "")) for metric in app.metric}

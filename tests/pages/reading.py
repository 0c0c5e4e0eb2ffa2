"""What a person reads on a page."""

import pandas as pd
from streamlit.testing.v1 import AppTest

SIGNING_IN = ["security_token", "tenants"]


def table(app: AppTest) -> pd.DataFrame:
    shown: pd.DataFrame = app.dataframe[0].value
    return shown


def texts(app: AppTest) -> str:
    elements = [*app.text, *app.markdown, *app.caption]
    return "\n".join(str(element.value) for element in elements)


def metrics(app: AppTest) -> dict[str, int]:
    return {metric.label: int(metric.value.replace(",", "")) for metric in app.metric}

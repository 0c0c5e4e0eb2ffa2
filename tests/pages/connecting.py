"""The connectors of two tenants, on their screen."""

import pandas as pd
from streamlit.testing.v1 import AppTest

from dashboard import session
from tests.pages.conftest import Open
from tests.pages.sessions import in_session

C7O, E1A = "WFF_j1r~c7o", "WFF_j1r~e1a"
UKG, TEST = "4dfe8794-d3b0-40a7-bafc-cd2586a902c1", "cc8a7ddd-80c7-4645-8369-acbeea8cdfe5"
REDSHIFT = "36ac4635-5e40-4225-87bf-56e2a2b0a146"
E1A_UKG = "bff2adb6-f772-49a5-ba64-b31dcc51ee61"


def connectors(open_page: Open, *codes: str, **query: str) -> AppTest:
    app = open_page("connectors", con_check="true", **query)
    return app.multiselect(key="con_tenants.pick").set_value(list(codes)).run()


def select(app: AppTest, *pairs: tuple[str, str]) -> AppTest:
    in_session(app, session.select, "connectors", frozenset(" ".join(pair) for pair in pairs))
    return app.run()


def edit(app: AppTest, row: int, **cells: str) -> AppTest:
    """Draft changes, and come back to the grid."""
    changes = {(*pair_of(app, row), name): value for name, value in cells.items()}
    in_session(app, session.put_draft, "connector_settings", changes)
    view = app.segmented_control(key="con_view")
    view.set_value("Credentials in use").run()
    return app.segmented_control(key="con_view").set_value("Settings").run()


def pair_of(app: AppTest, row: int) -> tuple[str, str]:
    found = grid(app).iloc[row]
    ids = {"UKG Callisto": UKG, "Test Connector": TEST, "Redshift Jupiter": REDSHIFT}
    return found["tenant_code"], ids[found["display_name"]]


def grid(app: AppTest) -> pd.DataFrame:
    return next(each.value for each in app.dataframe if "timeZone" in each.value)

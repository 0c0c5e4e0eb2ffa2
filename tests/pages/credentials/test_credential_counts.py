"""The list of credentials and where they are used: the same set, or why it is not."""

import re

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Open
from tests.pages.reading import table, texts
from tests.sandboxes import Sandbox

TENANTS = ("WFF_j1r~e1a", "WFF_j1r~i1o", "WFF_j1r~c2u", "WFF_j1r~d1z")
WHY = re.compile(r"(\d+) rows for (\d+) credentials: an inherited one has a row per tenant")


def of_tenants(open_page: Open, view: str) -> AppTest:
    app = open_page("credentials", cred_view=view)
    return app.multiselect(key="cred_tenants.pick").set_value(list(TENANTS)).run()


def test_the_list_and_where_used_tell_of_the_same_credentials(
    sandbox: Sandbox, open_page: Open
) -> None:
    listed, used = (of_tenants(open_page, view) for view in ("Credentials", "Where used"))
    ids = table(listed)["credential_id"]
    assert set(ids) == set(table(used)["credential_id"])
    assert ids.nunique() < len(ids)
    for app in (listed, used):
        found = WHY.search(texts(app))
        assert found
        assert (int(found[1]), int(found[2])) == (len(ids), ids.nunique())
    assert f"{ids.nunique()} credentials, " in texts(used)


def test_where_each_stands_once_there_is_nothing_to_explain(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("credentials", cred_tenants="WFF_j1r~e1a")
    assert len(table(app)) > 0
    assert not WHY.search(texts(app))

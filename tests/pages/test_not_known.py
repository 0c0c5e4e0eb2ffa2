"""What nobody has looked at is no 0."""

from datetime import timedelta

import pandas as pd

from tests.pages.conftest import Open
from tests.pages.reading import counts, metrics, table, texts
from tests.sandboxes import Sandbox


def test_broken_links_are_counted_only_once_credentials_were_checked(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("connectors", con_tenants="WFF_j1r~c2u")
    assert "Broken link" not in counts(app, "con_link")
    assert counts(app, "con_link")["All"] == len(table(app))
    checked = app.toggle(key="con_check").set_value(True).run()
    broken = table(checked)["link_word"].str.contains("Broken").sum()
    assert counts(checked, "con_link")["Broken link"] == broken


def test_later_jobs_that_were_not_read_are_not_said_to_be_none(
    sandbox: Sandbox, open_page: Open
) -> None:
    every = table(open_page("uploads", up_window="Everything"))
    week_ago = pd.Timestamp.now("UTC") - timedelta(days=6)
    latest = every.groupby("tenant_code")["upload_time"].max()
    code = latest[latest < week_ago].index[0]
    app = open_page("recovery", rec_by="Tenants", rec_tenant=code, rec_view="Jobs")
    assert not {"Later jobs", "Active"} & metrics(app).keys()
    assert "Visier lists no later job of these tenants" not in texts(app)
    app.button(key="rec.jobs").click().run()
    assert metrics(app)["Later jobs"] >= 0

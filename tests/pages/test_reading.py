"""What the reading screens show, and what it costs."""

import re
from math import ceil

import pandas as pd
import pytest

from dashboard import navigation, session
from dashboard.streamlit_compat import user_activity
from pages.uploads import drafts
from tests.pages.conftest import Open, jobs_beside, operations, reads, sign_in_to
from tests.pages.reading import SIGNING_IN, counts, table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox, running_sandbox

INDENT = "\u2003\u2003"


PAGES = {
    "data_versions": ("Data versions", "tenant"),
    "uploads": ("Uploads", "upload"),
    "tenant": ("Tenant", "tenant"),
    "jobs": ("Jobs", "job"),
    "connectors": ("Connectors", "connector"),
    "credentials": ("Credentials", "credential"),
}


@pytest.mark.first_is_quick
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_with_its_rows_counted(sandbox: Sandbox, open_page: Open, page: str) -> None:
    title, noun = PAGES[page]
    app = open_page(page)
    assert not app.exception
    assert app.title[0].value == title
    rows = len(table(app))
    assert rows > 0
    assert f"{rows} of " in texts(app)
    assert f" {noun}s" in texts(app)


@pytest.mark.first_is_quick
@pytest.mark.parametrize("tenants", [1, 5])
def test_every_screen_opens_for_few_tenants(
    monkeypatch: pytest.MonkeyPatch, open_page: Open, tenants: int
) -> None:
    with running_sandbox(tenants=tenants) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        for screen in (*navigation.SCREENS, navigation.ACTIVITY):
            app = open_page(screen.name)
            assert not app.exception
            assert app.title[0].value == screen.title
        assert f"{tenants} of {tenants} tenant" in texts(open_page("tenant"))


@pytest.mark.parametrize(("page", "key"), [("uploads", "up"), ("data_versions", "dv")])
def test_a_chart_that_fits_the_strip_needs_no_switch(
    sandbox: Sandbox, open_page: Open, page: str, key: str
) -> None:
    codes = [each.code for each in sandbox.inside.world.listed if each.uploads and each.versions]
    for count in (5, 6):
        query = {f"{key}_tenant": ",".join(codes[:count]), f"{key}_window": "everything"}
        app = open_page(page, **query)
        has_switch = f"{key}.full" in {each.key for each in app.toggle}
        assert has_switch == (count == 6)


COLD = {
    "data_versions": ["retrieve_data_categories", "latest_enabled_dv"],
    # The picture shows deliveries, which a week of jobs tells.
    "uploads": ["retrieve_data_uploads", *["job_status"] * 7],
    "jobs": ["job_status"],
    "connectors": ["data_connectors"],
    "credentials": ["data_connector_credentials"],
}


@pytest.mark.parametrize("page", COLD)
def test_a_page_costs_its_budget_and_a_second_look_nothing(
    sandbox: Sandbox, open_page: Open, page: str
) -> None:
    app = open_page(page)
    jobs_beside(app).wait(30)
    assert operations(sandbox) == SIGNING_IN + COLD[page]
    app.run()
    assert operations(sandbox) == SIGNING_IN + COLD[page]


@pytest.mark.slow
def test_large_populations_are_read_in_the_largest_pages(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    with running_sandbox(tenants=2500) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        # What is read is kept for as long as a page of this identity is open.
        versions, uploads = open_page("data_versions"), open_page("uploads")
        asked = operations(sandbox)
    assert not versions.exception
    assert not uploads.exception
    tenants = 2500 + 1  # the consolidated analytics tenant of the samples is one more
    assert asked.count("latest_enabled_dv") <= ceil(tenants / 1000)
    assert asked.count("retrieve_data_uploads") <= ceil(tenants / 1000)
    assert asked.count("tenants") <= ceil(tenants / 1000)


def test_no_filter_tab_or_selection_costs_a_call(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs")
    before = operations(sandbox)
    app.text_input(key="job_tenant").set_value("WFF_j1r~").run()
    app.multiselect(key="job_state").set_value(["Failed"]).run()
    app.segmented_control(key="job_view").set_value("Tree").run()
    app.button(key="jobs.expand").click().run()
    app.selectbox(key="tz").set_value("Asia/Tokyo").run()
    assert not app.exception
    assert operations(sandbox) == before


@pytest.mark.slow
def test_refresh_reads_again(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads")
    app.button(key="up.refresh").click().run()
    assert operations(sandbox).count("retrieve_data_uploads") == 2


def test_a_link_reproduces_the_filter(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads", up_state="Excluded", up_window="Everything")
    shown = table(app)
    assert len(shown) > 0
    assert set(shown["tick"]) == {drafts.OFF}
    assert app.segmented_control(key="up_state").value == "excluded"


def test_tenants_are_found_by_display_name(sandbox: Sandbox, open_page: Open) -> None:
    every = table(open_page("data_versions"))
    name = every["tenant_name"].iloc[-1]
    shown = table(open_page("data_versions", dv_tenant=name))
    assert list(shown["tenant_name"].unique()) == [name]


def test_the_figures_add_up_to_the_tenants(sandbox: Sandbox, open_page: Open) -> None:
    figures = counts(open_page("data_versions"), "dv_state")
    states = ("On time", "Overdue", "Too little known", "None enabled")
    assert sum(figures[state] for state in states) == figures["All"]
    shown = table(open_page("data_versions", dv_state="None enabled"))
    assert len(shown) == figures["None enabled"]
    assert shown["data_version_date"].isna().all()


def test_tenants_without_a_version_are_listed_and_have_no_picture(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("data_versions", dv_state="None enabled")
    assert not app.get("plotly_chart")
    assert "None of these tenants has an enabled data version." in texts(app)
    assert len(table(app)) == counts(app, "dv_state")["None enabled"]
    assert open_page("data_versions", dv_state="On time").get("plotly_chart")


def test_the_latest_version_between_two_times(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("data_versions", tz="UTC")
    dates = table(app)["data_version_date"].dropna().sort_values()
    since, until = dates.iloc[len(dates) // 3].floor("min"), dates.iloc[-1].ceil("min")
    app.datetime_input(key="dv_from").set_value(since.tz_localize(None).to_pydatetime())
    app.datetime_input(key="dv_to").set_value(until.tz_localize(None).to_pydatetime()).run()
    shown = table(app)["data_version_date"]
    assert 0 < len(shown) < len(dates)
    assert shown.between(since, until).all()


def test_typed_times_are_of_the_chosen_zone(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("data_versions", tz="Asia/Tokyo")
    latest = table(app)["data_version_date"].max()
    local = latest.tz_convert("Asia/Tokyo").tz_localize(None).floor("min").to_pydatetime()
    app.datetime_input(key="dv_from").set_value(local).run()
    assert table(app)["data_version_date"].max() == latest


def test_nothing_matches_and_the_filter_can_be_cleared(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("data_versions", dv_tenant="no tenant is called so")
    assert "No tenant matches the filter" in texts(app)
    app.button(key="filter.clear").click().run()
    assert len(table(app)) == counts(app, "dv_state")["All"]


def test_the_upload_screen_says_that_there_may_be_more(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads")
    assert "at most" in texts(app)
    assert re.search(r"[1-9]\d* of them may have older uploads", texts(app))


def test_the_tree_opens_and_counts_what_is_below(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_view="Tree")
    roots = table(app)
    assert not roots["job"].str.startswith(INDENT).any()
    app.button(key="jobs.expand").click().run()
    whole = table(app)
    assert len(whole) == counts(app, "jobs.status")["All"]
    assert whole["job"].str.startswith(2 * INDENT).any()
    app.button(key="jobs.collapse").click().run()
    assert len(table(app)) == len(roots)


def test_the_tree_keeps_the_way_to_what_the_filter_finds(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("jobs", job_view="Tree", job_state="Failed")
    app.button(key="jobs.expand").click().run()
    shown = table(app).set_index("job_id")
    failed = shown[shown["state"].map(lambda labels: labels[0].endswith("Failed"))]
    assert len(failed) > 0
    parents = failed["parent_job_id"].dropna()
    assert parents.isin(shown.index).all()


def test_connectors_stand_out_when_their_credential_is_gone(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("connectors", con_tenants="WFF_j1r~e1a", con_check="true")
    assert operations(sandbox)[2:] == ["data_connectors", "data_connector_credentials"]
    assert set(table(app)["link_word"]) <= {"✓ Linked", "○ Unassigned", "⚠ Broken link"}


def test_many_tenants_are_read_only_once_agreed(sandbox: Sandbox, open_page: Open) -> None:
    codes = list(table(open_page("data_versions"))["tenant_code"][:12])
    app = open_page("connectors")
    sandbox.control.clear_requests()
    app.multiselect(key="con_tenants.pick").set_value(codes).run()
    assert operations(sandbox) == []
    assert app.button(key="connectors.agree").label == "Read 12 tenants (12 calls)"
    app.button(key="connectors.agree").click().run()
    reads(app, "connectors").wait(30)
    assert operations(sandbox) == ["data_connectors"] * 12
    assert set(table(app.run())["tenant_code"]) == set(codes)


def test_the_sandbox_is_not_named_where_it_is_not_the_embedded_one(
    sandbox: Sandbox, open_page: Open
) -> None:
    assert "SANDBOX" not in texts(open_page())


@pytest.mark.parametrize(
    ("limit", "line"),
    [
        (100, "97 of 100 calls left this minute."),
        (10, "7 of 10 calls left this minute."),
        (3, ":orange[:material/speed: 0 of 3 calls left this minute.]"),
    ],
)
def test_what_is_left_of_the_budget_is_one_line_that_takes_colour_when_low(
    monkeypatch: pytest.MonkeyPatch, open_page: Open, limit: int, line: str
) -> None:
    with running_sandbox(tenants=20, rate_limit=limit) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        assert line in [each.value for each in open_page("jobs").caption]


def test_one_unknown_tenant_does_not_hide_the_others(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("connectors")
    app.multiselect(key="con_tenants.pick").set_value(["WFF_j1r~e1a", "WFF_j1r~nope"]).run()
    assert set(table(app)["tenant_code"]) == {"WFF_j1r~e1a"}
    assert "WFF_j1r~nope: " in texts(app)


def test_a_refresh_that_fails_keeps_what_was_read(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads")
    before = len(table(app))
    sandbox.control.fault("retrieve_data_uploads", "403")
    app.button(key="up.refresh").click().run()
    assert "Not permitted" in texts(app)
    assert len(table(app)) == before
    # It runs again by itself where names or looks come in.
    app.session_state[user_activity._BY_ITSELF] = True
    app.run()
    assert "Not permitted" in texts(app)
    app.button(key="up.refresh").click().run()
    assert "Not permitted" not in texts(app)


def test_the_end_of_a_span_is_the_whole_minute(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("data_versions", tz="UTC")
    latest = table(app)["data_version_date"].max()
    minute = latest.floor("min").tz_localize(None).to_pydatetime()
    app.datetime_input(key="dv_from").set_value(minute)
    app.datetime_input(key="dv_to").set_value(minute).run()
    assert latest in set(table(app)["data_version_date"])


@pytest.mark.slow
def test_a_span_that_ends_before_it_begins_is_said_so(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads")
    latest = table(app)["upload_time"].max().tz_localize(None)
    app.datetime_input(key="up_from").set_value(latest.to_pydatetime())
    app.datetime_input(key="up_to").set_value((latest - pd.Timedelta(days=2)).to_pydatetime()).run()
    assert "From is later than To" in texts(app)


def test_tenants_that_may_have_more_are_counted_whatever_the_filter(
    sandbox: Sandbox, open_page: Open
) -> None:
    code = table(open_page("uploads"))["tenant_code"].value_counts().index[0]
    app = open_page("uploads", up_tenant=code, up_window="24 hours")
    assert "1 tenant · 1 of them may have older uploads" in texts(app)


def test_versions_that_the_picture_shows_are_in_view(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("data_versions", dv_tenant="WFF_j1r~c")
    listed = table(app).dropna(subset="data_version").iloc[0]
    code, older = listed["tenant_code"], listed["data_versions"].split(", ")[-1]
    assert older != listed["data_version"]
    in_session(app, session.select, "data_versions", frozenset({f"{code} {older}"}))
    app.run()
    assert "1 data version selected\n" in texts(app)
    app.button(key="data_versions.select_all").click().run()
    assert "not in view" not in texts(app)
    app.text_input(key="dv_tenant").set_value("WFF_j1r~d").run()
    assert "not in view" in texts(app)

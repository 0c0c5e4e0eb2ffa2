"""Deliveries: what a person reads of them, what it costs, and plans for exactly one."""

import json
import re
from math import ceil
from urllib.parse import parse_qs, quote

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import navigation
from dashboard.components.job_states import COLORS
from dashboard.operations.drawer import drawer
from pages.deliveries.actions import NONE_MADE
from services.operations.recovery.finding import By
from services.sandbox.models.tenants import Upload
from services.sandbox.population.nights import GOOD_BATCH
from services.sandbox.population.scenario import BAD_BATCH
from tests.pages.acting import applied, button, labels, writes
from tests.pages.conftest import Open, operations, sign_in_to
from tests.pages.reading import SIGNING_IN, metrics, table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox, running_sandbox

BAD, GOOD = f"receiving:{BAD_BATCH}", f"receiving:{GOOD_BATCH}"
DAYS = ["job_status"] * 7
NAME = "deliveries"


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


def faulty(sandbox: Sandbox) -> dict[tuple[str, str], Upload]:
    """Give the uploads of the bad delivery, by tenant and time."""
    world = sandbox.inside.world
    return {
        (tenant.code, upload.time): upload
        for tenant in world.listed
        for upload in tenant.uploads
        if upload.faulty
    }


def opened(open_page: Open) -> AppTest:
    return open_page("deliveries", del_open=BAD)


def planned(app: AppTest) -> pd.DataFrame:
    reviewed = in_session(app, drawer, NAME).under_review
    assert reviewed is not None
    return reviewed.plan.items


def tenants_of(app: AppTest) -> pd.DataFrame:
    shown: pd.DataFrame = app.dataframe[-1].value
    return shown


def comparison(app: AppTest) -> pd.DataFrame:
    """Return the figures of two deliveries that are compared."""
    (compared,) = [
        each.value for each in app.dataframe if "difference" in getattr(each.value, "columns", ())
    ]
    return compared


def test_it_opens_within_its_budget_and_a_second_look_costs_nothing(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("deliveries")
    assert not app.exception
    assert app.title[0].value == "Deliveries"
    assert sorted(operations(sandbox)) == sorted([*SIGNING_IN, "retrieve_data_uploads", *DAYS])
    app.segmented_control(key="del_show").set_value("Unusual").run()
    app.text_input(key="del_tenant").set_value("WFF_j1r~a").run()
    app.selectbox(key="del_window").set_value("24 hours").run()
    app.query_params["del_open"] = BAD
    app.run()
    assert not app.exception
    assert len(operations(sandbox)) == len(SIGNING_IN) + 1 + len(DAYS)


def test_the_bad_delivery_is_marked_with_its_tenants_and_why(
    sandbox: Sandbox, open_page: Open
) -> None:
    shown = table(open_page("deliveries", del_show="Unusual"))
    (row,) = shown[shown["tenants"] == len(faulty(sandbox))].to_dict("records")
    assert row["what"] == "◆ Unusual hour"
    assert (row["usual"], row["failed"] >= 0) == (0, True)
    assert row["excluded"] == 0
    assert row["with_version"] + row["none"] == row["uploads"]
    assert (row["by"], row["sure"]) == ("Batch", "From jobs")


def test_newest_deliveries_stand_first_and_all_are_counted(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("deliveries", del_window="Everything")
    shown = table(app)
    assert shown["arrived"].is_monotonic_decreasing
    assert f"{len(shown)} of {len(shown)} deliveries" in texts(app)


@pytest.mark.slow
def test_a_link_with_a_filter_shows_the_same_rows(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("deliveries", del_show="Excluded", del_window="Everything")
    assert (table(app)["excluded"] > 0).all()
    assert app.segmented_control(key="del_show").value == "excluded"


def test_an_open_delivery_lists_its_tenants_and_says_why_some_have_no_version(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = opened(open_page)
    listed, (*_, ring) = table(app), json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
    assert listed["tenants"].iloc[0] == len(faulty(sandbox))
    assert listed["arrived"].iloc[1:].is_monotonic_decreasing
    assert ring["customdata"] == [[BAD]]
    shown = tenants_of(app)
    assert set(shown["tenant_code"]) == {code for code, _ in faulty(sandbox)}
    (job,) = [link for link in app.get("page_link") if BAD_BATCH in link.proto.label]
    assert job.proto.label == f"Receiving job {BAD_BATCH}"
    query = {name: values[0] for name, values in parse_qs(job.proto.query_string).items()}
    details = open_page("jobs", **query)
    assert BAD_BATCH in [shown.value for shown in details.code]
    assert set(shown.loc[shown["why"] != "", "why"]) <= {
        "Processing failed",
        "Processing cancelled",
    }


def test_what_is_not_among_them_is_said(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("deliveries", del_open="nobody")
    assert "No such delivery" in texts(app)
    app.button(key="del.close").click().run()
    assert "del_open" not in app.query_params


def test_every_way_to_list_the_deliveries_of_a_week_counts_them_alike(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("deliveries")
    shown = table(app)
    empty = shown.loc[shown["uploads"] == 0, "what"]
    assert len(empty) > 0
    assert empty.str.startswith("Nothing arrived").all()
    assert [*symbols(app).values()].count("x") == len(empty)
    listed = f"{len(shown)} of "
    assert listed in texts(app)
    assert listed in texts(open_page("deliveries", del_tenant="\0\1"))
    recovery = open_page("recovery").button(key="rec.deliveries").click().run()
    assert f"{len(shown)} deliveries of the last 7 days" in texts(recovery)


def test_two_deliveries_are_compared(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("deliveries", del_open=BAD, del_with=GOOD)
    assert not app.exception
    compared = comparison(app)
    tenants = compared.iloc[0]
    assert tenants["difference"] == tenants["this"] - tenants["other"]
    assert "0 tenants in both" in texts(app)
    assert {"Uploads not loaded", "Failed processing jobs"} <= set(compared["figure"])
    titles = [each.get("label") for each in json.loads(app.dataframe[0].proto.columns).values()]
    assert {"Not loaded", "Jobs failed"} <= set(titles)


def test_that_none_is_disabled_is_not_said_before_versions_were_read(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("deliveries", del_open=BAD, del_with=GOOD)
    figures = comparison(app).set_index("figure")["this"]
    assert pd.isna(figures["Uploads disabled"])
    assert "Uploads processed" in figures
    assert not table(app).get("disabled", pd.Series()).eq(0).any()
    app.button(key="del.versions").click().run()
    figures = comparison(app).set_index("figure")["this"]
    assert figures["Uploads disabled"] == 0
    assert "Uploads loaded" in figures


def test_excluding_plans_and_excludes_exactly_its_uploads(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    bad = faulty(own_sandbox)
    before = {
        (tenant.code, upload.time): upload.included
        for tenant in own_sandbox.inside.world.listed
        for upload in tenant.uploads
    }
    app = button(opened(open_page), f"Exclude {len(bad)} uploads…")
    items = planned(app)
    assert set(zip(items["tenant_code"], items["upload_time_text"], strict=True)) == set(bad)
    assert writes(own_sandbox) == []
    (typed,) = [field for field in app.text_input if field.label.startswith("Type ")]
    typed.set_value(str(len(bad))).run()
    applied(app, NAME)
    after = {
        (tenant.code, upload.time): upload.included
        for tenant in own_sandbox.inside.world.listed
        for upload in tenant.uploads
    }
    assert after == before | dict.fromkeys(bad, False)
    # Whoever comes back has the list in view, and the result as one line.
    assert "Last result" not in " ".join(links(app))
    for screen in (navigation.UPLOADS, navigation.DELIVERIES):
        app = app.switch_page(str(navigation.file_of(screen))).run()
    assert f"Last result: Exclude data uploads · ✓ {len(bad)} Succeeded" in links(app)
    app = button(app, "Show here")
    assert "Last result" not in " ".join(links(app))
    again = opened(open_page)
    row = table(again)[table(again)["tenants"] == len(bad)].iloc[0]
    assert row["excluded"] == len(bad)
    assert row["what"] == "◇ Excluded: Unusual hour"


def symbols(app: AppTest) -> dict[str, str]:
    """Return how each delivery is marked in the strip, by its id."""
    marks = json.loads(app.get("plotly_chart")[0].proto.spec)
    return {
        id_: symbol
        for trace in marks["data"]
        for (id_,), symbol in zip(trace["customdata"], trace["marker"]["symbol"], strict=True)
    }


def test_what_is_wholly_excluded_is_hollow_and_said_to_be_whether_it_stood_out_or_not(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    before = symbols(open_page("deliveries"))
    assert (before[BAD], before[GOOD]) == ("diamond", "circle")
    for tenant in own_sandbox.inside.world.listed:
        for upload in tenant.uploads:
            upload.flags = 0
    st.cache_resource.clear()
    app = open_page("deliveries")
    after = symbols(app)
    assert (after[BAD], after[GOOD]) == ("diamond-open", "circle-open")
    rows = table(app)
    told = set(rows.loc[rows["uploads"] > 0, "what"])
    assert told >= {"◇ Excluded: Unusual hour", "Excluded"}
    assert all("Excluded" in each for each in told)


def test_the_bar_of_a_delivery_ends_in_what_failed(sandbox: Sandbox, open_page: Open) -> None:
    rows = table(open_page("deliveries"))
    red, green = (quote(f"rgb{COLORS[color]}") for color in ("red", "green"))
    rows = rows[rows["uploads"] > 0]
    assert rows.loc[rows["with_version"] > 0, "outcome"].str.contains(green).all()
    assert rows["outcome"].str.contains(red).any()
    whole = rows["with_version"] == rows["uploads"]
    assert not rows.loc[whole, "outcome"].str.contains(red).any()


def test_where_nothing_is_left_to_disable_it_is_said(own_sandbox: Sandbox, open_page: Open) -> None:
    for tenant in own_sandbox.inside.world.listed:
        tenant.versions.clear()
    app = opened(open_page).button(key="del.versions").click().run()
    assert NONE_MADE in texts(app)
    assert not [each for each in labels(app) if each.startswith("Disable")]


def test_disabling_reads_the_versions_once_asked_and_plans_exactly_those_made(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = opened(open_page)
    assert "latest_enabled_dv" not in operations(own_sandbox)
    app.button(key="del.versions").click().run()
    assert operations(own_sandbox).count("latest_enabled_dv") == 1
    world = own_sandbox.inside.world
    made = {
        (tenant.code, version.number)
        for tenant in world.listed
        for version in tenant.enabled_versions(world.primary_category)
        for time in version.built_from
        if (tenant.code, time) in faulty(own_sandbox)
    }
    items = planned(app.button(key="del.disable").click().run())
    assert set(zip(items["tenant_code"], items["data_version"], strict=True)) == made
    assert writes(own_sandbox) == []


def test_both_screens_tell_of_an_older_delivery_what_was_made_of_it_and_what_holds_it_too(
    sandbox: Sandbox, open_page: Open
) -> None:
    usual = [id_ for id_, symbol in symbols(open_page("deliveries")).items() if symbol == "circle"]
    app = open_page("deliveries", del_open=usual[-1])
    app = app.button(key="del.versions").click().run()
    told = re.search(
        r"(\d+) enabled data versions made from them[^;]*; (\d+) later ones", texts(app)
    )
    assert told
    made, later = map(int, told.groups())
    assert f"Disable {made} data versions made from them…" in labels(app)
    app = open_page("recovery", rec_by="Delivery", rec_delivery=usual[-1])
    assert not app.exception
    assert f"{made} data versions made from these uploads, {later} made later" in texts(app)
    assert metrics(app)["Data versions containing them"] == made + later


def test_where_jobs_are_refused_times_tell_and_it_says_so(
    sandbox: Sandbox, open_page: Open
) -> None:
    sandbox.control.fault("job_status", "403", times=0, value="Not for you.")
    app = open_page("deliveries", del_show="Unusual")
    assert not app.exception
    told = texts(app)
    assert "Deliveries are derived from upload times" in told
    assert "Not for you." in told
    shown = table(app)
    assert set(shown["sure"]) == {"By upload times"}
    assert shown["failed"].isna().all()
    assert len(faulty(sandbox)) in set(shown["uploads"])


def test_without_uploads_it_says_so(monkeypatch: pytest.MonkeyPatch, open_page: Open) -> None:
    with running_sandbox(tenants=6) as sandbox:
        sandbox.inside.world.listed.clear()
        sandbox.control.fault("job_status", "403", times=0, value="Not for you.")
        sign_in_to(sandbox, monkeypatch)
        app = open_page("deliveries")
    assert not app.exception
    assert "No deliveries" in texts(app)


@pytest.mark.slow
def test_what_matches_nothing_offers_to_clear_the_filter(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("deliveries", del_tenant="WFF_j1r~nobody")
    assert "No delivery matches the filter" in texts(app)
    app.button(key="filter.clear").click().run()
    assert len(table(app)) > 0


def test_recovery_begins_with_the_delivery_that_was_open(
    own_sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("recovery", rec_by="Delivery", rec_delivery=BAD)
    assert not app.exception
    (begin,) = [label for label in labels(app) if label.startswith("Begin the recovery")]
    assert begin == f"Begin the recovery of {len(faulty(own_sandbox))} tenants"


def test_recovery_lists_deliveries_once_asked_and_still_takes_an_id(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("recovery")
    assert "retrieve_data_uploads" not in operations(sandbox)
    app.button(key="rec.deliveries").click().run()
    assert not app.exception
    assert len(faulty(sandbox)) in set(table(app)["uploads"])
    app.segmented_control(key="rec_by").set_value(By.JOB).run()
    assert app.text_input(key="rec_job").value == ""


@pytest.mark.slow
def test_5_000_tenants_cost_a_call_for_each_thousand(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    with running_sandbox(tenants=5_000) as sandbox:
        sign_in_to(sandbox, monkeypatch)
        app = open_page("deliveries", del_show="Unusual")
        assert not app.exception
        asked = operations(sandbox)
        first = table(app).sort_values("tenants").iloc[-1]
        assert first["tenants"] == len(faulty(sandbox)) == 1_000
    assert asked.count("retrieve_data_uploads") <= ceil(5_001 / 1_000)
    assert asked.count("job_status") == len(DAYS)

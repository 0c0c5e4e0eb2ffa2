"""Planning, confirming, following and undoing, as a person does it on the screens."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from dashboard.operations.drawer import Drawer, drawer
from services.ledger import NewItem, NewOperation, Operation
from services.operations import Verb
from tests.pages.acting import (
    applied,
    apply_button,
    apply_buttons,
    button,
    copied_as_curl,
    field,
    labels,
    plan_of,
    writes,
)
from tests.pages.conftest import Open
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox


@pytest.fixture
def some_uploads(sandbox: Sandbox, open_page: Open) -> AppTest:
    """The Uploads screen with the uploads of four tenants selected."""
    sandbox.control.reset()
    sandbox.control.clear_requests()
    app = open_page("uploads", up_tenant="WFF_j1r~b", up_state="Included")
    return app.button(key="uploads.select_all").click().run()


def test_nothing_is_sent_before_a_plan_is_confirmed(
    sandbox: Sandbox, some_uploads: AppTest
) -> None:
    app = plan_of(some_uploads)
    assert "will change" in texts(app)
    (items,) = [each.value for each in app.dataframe if "change" in each.value]
    # What it does stands beside the tenant, where a phone shows it.
    assert [*items.columns[:3]] == ["tenant_name", "change", "tenant_code"]
    for key in ("uploads.discard", "uploads.plan.close"):
        app.button(key=key).click().run()
        assert "will change" not in texts(app)
        app = plan_of(app)
    assert writes(sandbox) == []


def test_only_the_selected_rows_are_shown_and_stay_in_view_once_deselected(
    sandbox: Sandbox, some_uploads: AppTest
) -> None:
    app = some_uploads
    every = [*table(app)["upload_time"]]
    keys = sorted(in_session(app, session.selected, "uploads"))
    assert "Select all" not in " ".join(labels(app)), "all of them are selected"
    in_session(app, session.select, "uploads", frozenset(keys[:2]))
    app = button(app.run(), "Show only selected")
    assert len(table(app)) == 2
    in_session(app, session.select, "uploads", frozenset(keys[:1]))
    assert len(table(app.run())) == 2
    assert "not in view" not in texts(app)
    app = button(app, "Select all")
    assert len(table(app)) == 2
    assert f"{len(every)} uploads selected, {len(every) - 2} not in view" in texts(app)
    app = button(app, "Show all rows")
    assert [*table(app)["upload_time"]] == every
    assert "not in view" not in texts(app)
    app = button(button(app, "Show only selected"), "Clear selection")
    assert [*table(app)["upload_time"]] == every


def test_selected_uploads_are_excluded_shown_and_put_back(
    sandbox: Sandbox, some_uploads: AppTest
) -> None:
    count = len(in_session(some_uploads, session.selected, "uploads"))
    assert count <= 25
    app = plan_of(some_uploads)
    field(app, "Reason").set_value("A bad delivery").run()
    app = applied(app, "uploads")
    assert f"✓ {count} Succeeded" in texts(app)
    assert "Why: A bad delivery" in texts(app)
    assert "No upload matches the filter" in texts(app)
    assert writes(sandbox) == ["exclude_data_uploads"]
    app = applied(button(app, "Undo"), "uploads")
    assert f"✓ {count} Succeeded" in texts(app)
    assert writes(sandbox) == ["exclude_data_uploads", "include_data_uploads"]


@pytest.mark.slow
def test_results_tell_the_upload_time_once_in_the_chosen_zone(
    some_uploads: AppTest,
) -> None:
    app = applied(plan_of(some_uploads), "uploads")
    (results,) = [each for each in app.dataframe if "mark" in each.value]
    told = results.value["upload_time"]
    assert told.notna().all()
    assert "what" not in results.value
    assert json.loads(results.proto.columns)["upload_time"]["type_config"]["timezone"] == "UTC"


def test_above_twenty_five_the_count_is_typed(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("uploads", up_state="Included")
    app.button(key="uploads.select_all").click().run()
    count = len(in_session(app, session.selected, "uploads"))
    app = plan_of(app)
    assert apply_button(app, "uploads").disabled
    field(app, "Type ").set_value("7").run()
    assert apply_button(app, "uploads").disabled
    field(app, "Type ").set_value(str(count)).run()
    assert not apply_button(app, "uploads").disabled


def test_a_press_that_was_on_its_way_to_another_plan_applies_none(
    sandbox: Sandbox, some_uploads: AppTest
) -> None:
    app = plan_of(some_uploads)
    read = apply_button(app, "uploads")
    app = app.menu_button(key="up.more").click("exclude_all").run()
    pressed = app._tree.get_widget_states()
    pressed.widgets.add(id=read.proto.id, trigger_value=True)
    app._run(pressed)
    assert not app.exception
    assert apply_buttons(app, "uploads")
    assert writes(sandbox) == []


def test_a_plan_without_an_item_to_change_says_so_and_offers_nothing_to_apply(
    sandbox: Sandbox, some_uploads: AppTest
) -> None:
    count = len(in_session(some_uploads, session.selected, "uploads"))
    app = plan_of(some_uploads, "up.include")
    assert f"There is nothing to change: all of {count} items skipped." in texts(app)
    assert not apply_buttons(app, "uploads")
    app.button(key="uploads.discard").click().run()
    assert "There is nothing to change" not in texts(app)


def test_a_plan_that_was_applied_elsewhere_sends_nothing_again(
    sandbox: Sandbox, some_uploads: AppTest
) -> None:
    app = plan_of(some_uploads)
    reviewed = in_session(app, drawer, "uploads").under_review
    assert reviewed
    app = applied(app, "uploads")
    in_session(app, drawer, "uploads").review(reviewed.plan, reviewed.selected_by)
    in_session(app, lambda: drawer("uploads").follow(None))
    app = applied(app.run(), "uploads")
    assert writes(sandbox) == ["exclude_data_uploads"]
    assert "Succeeded" in texts(app)


@pytest.mark.slow
def test_a_click_while_a_plan_is_applied_does_not_lose_sight_of_it(
    sandbox: Sandbox, some_uploads: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = plan_of(some_uploads)

    def interrupted(_drawer: Drawer) -> None:
        # Where the callback next touches the session, Streamlit ends it for the other click.
        other = RerunData(widget_states=WidgetStates(), page_script_hash=app._page_hash)
        raise RerunException(other)

    with monkeypatch.context() as patched:
        patched.setattr(Drawer, "discard", interrupted)
        app = applied(app, "uploads")
    assert "Succeeded" in texts(app)
    assert not apply_buttons(app, "uploads")
    assert writes(sandbox) == ["exclude_data_uploads"]


def test_failures_inside_a_200_are_shown_in_visiers_words_and_can_be_retried(
    sandbox: Sandbox, some_uploads: AppTest
) -> None:
    sandbox.control.fault("exclude_data_uploads", "partial_failure", every=2)
    app = applied(plan_of(some_uploads), "uploads")
    assert "Failed" in texts(app)
    messages = next(frame.value for frame in app.dataframe if "message" in frame.value)["message"]
    assert messages.fillna("").str.len().max() > 0
    app = applied(button(app, "Retry the failed"), "uploads")
    assert "Failed" not in texts(app).split("Outcome")[0].split("✓")[-1]
    assert writes(sandbox) == ["exclude_data_uploads", "exclude_data_uploads"]


@pytest.mark.slow
def test_what_all_items_failed_for_is_said_once_and_in_full(
    sandbox: Sandbox, some_uploads: AppTest
) -> None:
    sandbox.control.fault("exclude_data_uploads", "403", value="You may not exclude uploads.")
    app = applied(plan_of(some_uploads), "uploads")
    assert "Of each that failed: You may not exclude uploads." in texts(app)


def test_the_requests_can_be_copied_without_a_secret(
    sandbox: Sandbox, some_uploads: AppTest
) -> None:
    app = plan_of(some_uploads)
    command = copied_as_curl(app)
    assert "$VISIER_APIKEY" in command
    assert "/v1/op/data/uploads/exclude" in command
    assert sandbox.api_key not in command


def test_a_version_is_disabled_by_its_number_and_said_to_be_final(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("data_versions", dv_state="On time")
    rows = table(app)
    key = f"{rows['tenant_code'].iloc[0]} {rows['data_version'].iloc[0]}"
    in_session(app, session.select, "data_versions", frozenset({key}))
    app = button(app.run(), "Disable 1 data version")
    assert "cannot re-enable" in "".join(warning.value for warning in app.warning)
    app = applied(app, "data_versions")
    assert "✓ 1 Succeeded" in texts(app)
    (request,) = sandbox.control.requests("disable_dv")
    assert request["body"]["dataVersionObjects"] == [
        {
            "tenantCode": rows["tenant_code"].iloc[0],
            "dataVersion": str(rows["data_version"].iloc[0]),
        }
    ]
    assert "Undo" not in labels(app)


@pytest.mark.slow
def test_activity_lists_what_was_done_and_opens_it_by_its_link(
    sandbox: Sandbox, some_uploads: AppTest, open_page: Open
) -> None:
    app = applied(plan_of(some_uploads), "uploads")
    operation_id = in_session(app, drawer, "uploads").operation
    activity = open_page("activity")
    assert list(table(activity)["verb"]) == ["Exclude data uploads"]
    opened = open_page("activity", act_op=operation_id)
    assert "Finished · sandbox@example.com" in texts(opened)
    assert "Filter: tenant WFF_j1r~b" in texts(opened)


@pytest.mark.parametrize(
    ("page", "verb"),
    [
        ("uploads", Verb.EXCLUDE_UPLOADS),
        ("jobs", Verb.CANCEL_JOBS),
        ("credentials", Verb.CREATE_CREDENTIALS),
    ],
)
def test_an_operation_that_another_click_still_writes_down_is_waited_for(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch, page: str, verb: str
) -> None:
    app = open_page(page)
    ledger, looks = bootstrap.whole_ledger(), list[str]()
    actor = in_session(app, session.signed_in).actor
    begun = NewOperation("begun-meanwhile", verb, actor, "somebody")
    find = ledger.operation

    def late(operation_id: str) -> Operation:
        looks.append(operation_id)
        if len(looks) == 3:
            ledger.begin(
                begun, [NewItem('["a", "b"]', "a", "", '[1,"included"]', '[1,"excluded"]')]
            )
        return find(operation_id)

    monkeypatch.setattr(ledger, "operation", late)
    in_session(app, lambda: drawer(page).follow(begun.id))
    app.run()
    assert not app.exception
    assert "○ 1 Planned" in texts(app)


@pytest.mark.slow
def test_activity_finds_a_pasted_tenant_and_counts_what_it_found(
    sandbox: Sandbox, some_uploads: AppTest, open_page: Open
) -> None:
    app = applied(plan_of(some_uploads), "uploads")
    results = next(each.value for each in app.dataframe if "mark" in each.value)
    tenant = results["tenant_code"].iloc[0]
    applied(button(app, "Undo"), "uploads")
    activity = open_page("activity", act_text=f" {tenant} ", act_verb="Include data uploads")
    assert list(table(activity)["verb"]) == ["Include data uploads"]
    told = texts(activity)
    assert "1 operation" in told
    # All there are is not known: the ledger does not count them.
    assert "1 of 1" not in told


def test_activity_is_empty_before_anything_is_done(sandbox: Sandbox, open_page: Open) -> None:
    assert "No operations yet" in texts(open_page("activity"))


@pytest.mark.slow
def test_the_words_of_the_filter_are_those_of_the_plan(
    sandbox: Sandbox, some_uploads: AppTest
) -> None:
    app = plan_of(some_uploads)
    app.text_input(key="up_tenant").set_value("WFF_j1r~m").run()
    app = applied(app, "uploads")
    assert "Filter: tenant WFF_j1r~b" in texts(app)


@pytest.mark.slow
def test_the_window_a_page_opens_with_is_part_of_what_selected(
    sandbox: Sandbox, open_page: Open
) -> None:
    jobs = open_page("jobs", job_view="Tree", job_live="false")
    jobs.button(key="jobs.cancel_matching").click().run()
    assert "Filter: started within 24 hours (UTC)" in texts(jobs)
    since = datetime.now(UTC) - timedelta(days=2)
    uploads = open_page("uploads", up_from=f"{since:%Y-%m-%dT%H:%M}")
    uploads.button(key="uploads.select_all").click().run()
    assert f"Filter: from {since:%d %b %Y %H:%M} (UTC)" in texts(plan_of(uploads))


@pytest.mark.slow
def test_applying_half_a_draft_keeps_the_other_half(sandbox: Sandbox, open_page: Open) -> None:
    sandbox.control.reset()
    rows = table(open_page("uploads", up_window="Everything"))
    app = open_page("uploads", up_window="Everything")
    keys = rows["tenant_code"] + " " + rows["upload_time_text"]
    ticked = rows["tick"].str.startswith(":material/check_box:")
    changes = {keys[ticked].iloc[0]: False, keys[~ticked].iloc[0]: True}
    in_session(app, session.put_draft, "uploads", changes)
    app = applied(button(app.run(), "Review 1 exclusion"), "uploads")
    assert "1 change, not sent yet" in texts(app)
    assert "Review 1 inclusion…" in labels(app)


@pytest.mark.slow
def test_activity_shows_an_operation_once(
    sandbox: Sandbox, some_uploads: AppTest, open_page: Open
) -> None:
    app = applied(plan_of(some_uploads), "uploads")
    activity = open_page("activity", act_op=in_session(app, drawer, "uploads").operation)
    undone = applied(button(activity, "Undo"), "activity")
    undone.query_params["act_op"] = in_session(undone, drawer, "activity").operation or ""
    undone.run()
    assert not undone.exception
    assert "Undo of operation: " in texts(undone)


def test_a_ledger_that_cannot_be_used_stops_acting_and_not_reading(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("uploads", up_tenant="WFF_j1r~b")
    monkeypatch.setenv("DASHBOARD_LEDGER_URL", "sqlite:////dev/null/ledger.sqlite3")
    bootstrap.settings.cache_clear()
    bootstrap.whole_ledger.clear()
    bootstrap.threads.clear()
    bootstrap.runner.clear()
    app.button(key="uploads.select_all").click().run()
    app.button(key="up.exclude").click().run()
    if not apply_button(app, "uploads").disabled:
        apply_button(app, "uploads").click().run()
    assert not app.exception
    assert "Nothing can be applied." in texts(app)
    assert writes(sandbox) == []

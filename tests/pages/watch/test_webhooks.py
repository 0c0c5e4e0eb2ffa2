"""Watch, Webhooks: what Visier pushes where, and how that is changed, each change read back."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from dashboard import bootstrap, session
from dashboard.operations.drawer import drawer
from dashboard.operations.follow_ups import TEST_AGAIN
from dashboard.watch import pushed_reader
from dashboard.watch.pushes import ROUTE
from pages.watch import webhooks
from pages.watch.endpoint import KEY_DOES_NOT_MATCH, NO_ADDRESS, OFF, ON
from services.clock import CLOCK
from services.ledger import Outcome, ReceivedEvent
from services.sandbox.config import WEBHOOK_KEYS
from tests.pages.acting import applied, apply_button, button, copied_as_curl, labels
from tests.pages.conftest import Open, forget_settings, operations
from tests.pages.reading import table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox
from tests.services.notifications.receivers import HttpReceiver, http_receiver

((KEY_NAME, KEY),) = WEBHOOK_KEYS.items()
PUBLIC = "https://loads.example"
HERE = f"{PUBLIC}{ROUTE}"
SECRET = "S3cretWord"
ELSEWHERE = f"https://user:{SECRET}@hooks.example/services/{SECRET}?token={SECRET}"
WRITES = {"create_webhook", "update_webhook", "delete_webhook", "send_test_event"}


@pytest.fixture
def visier(own_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.setenv("DASHBOARD_PUBLIC_URL", PUBLIC)
    monkeypatch.setenv("DASHBOARD_WEBHOOK_KEY", KEY)
    forget_settings()
    return own_sandbox


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as receiving:
        yield receiving


def made(sandbox: Sandbox, url: str = HERE, **options: Any) -> str:
    """Have a webhook in the sandbox; return its id."""
    client = in_sandbox(sandbox)
    details = {
        "targetUrl": url,
        "isActive": False,
        "events": [{"eventType": "jobResultSuccess"}],
        "keyName": KEY_NAME,
        "displayName": "Loads",
    }
    answer: Any = client.create_webhook({"details": {**details, **options}})
    sandbox.control.clear_requests()
    return str(answer["webhookId"])


def in_sandbox(sandbox: Sandbox) -> Any:
    connection = bootstrap.default_connection(None)
    assert connection is not None
    assert connection.identity.base_url == sandbox.url
    return connection.client


def there(sandbox: Sandbox) -> list[Any]:
    return list(sandbox.inside.world.webhooks.by_id.values())


def written(sandbox: Sandbox) -> list[str]:
    return [name for name in operations(sandbox) if name in WRITES]


def opened(open_page: Open, webhook_id: str = "") -> AppTest:
    return open_page("watch", wa_view="webhooks", **({"wa_hook": webhook_id} if webhook_id else {}))


def typed_in(app: AppTest, name: str) -> TextInput:
    return app.text_input(key=f"{webhooks.NEW}.{name}")


def reviewed(app: AppTest, words: str) -> AppTest:
    return button(app, words)


def outcome(app: AppTest) -> tuple[Outcome, str]:
    """Return what became of the one item of the operation on the screen, and why."""
    id_ = in_session(app, drawer, webhooks.NAME).operation
    assert id_ is not None
    (item,) = bootstrap.whole_ledger().items(id_)
    return item.outcome, item.finding


def recorded() -> str:
    """Return all that the ledger keeps of operations."""
    ledger = bootstrap.whole_ledger()
    kept = [
        [each, ledger.items(each.id), ledger.events(each.id, 100)] for each in ledger.operations()
    ]
    return repr(kept)


def test_other_views_ask_nothing_and_this_one_asks_once(visier: Sandbox, open_page: Open) -> None:
    made(visier)
    open_page("watch")
    assert operations(visier) == []
    app = opened(open_page)
    assert not app.exception
    assert [each for each in operations(visier) if "webhook" in each] == ["get_all_webhooks"]
    shown = table(app).iloc[0]
    assert (shown["display_name"], shown["state"], shown["here"]) == (
        "Loads",
        "Inactive",
        "This dashboard",
    )
    assert shown["address"] == HERE
    assert shown["events"] == "Job succeeded"
    assert "No active webhook pushes to the address of this dashboard." in texts(app)


def test_a_webhook_is_created_inactive_once_its_plan_was_reviewed(
    visier: Sandbox, open_page: Open
) -> None:
    app = opened(open_page)
    assert "Visier pushes events nowhere. Create a webhook below." in texts(app)
    assert typed_in(app, "address").value == HERE
    typed_in(app, "key_name").set_value(KEY_NAME).run()
    app = reviewed(app, "Review…")
    assert written(visier) == []
    assert "isActive" in copied_as_curl(app)
    app = applied(app, webhooks.NAME)
    assert not app.exception
    (webhook,) = there(visier)
    assert (webhook.target_url, webhook.is_active, webhook.key_name) == (HERE, False, KEY_NAME)
    assert webhook.events == [
        *("jobResultSuccess", "jobResultFailure", "jobReschedule", "dvPublish"),
        "dataUploadNotification",
    ]
    assert outcome(app) == (Outcome.SUCCEEDED, "")
    assert f"Webhook {webhook.id}" in " ".join(table_of_plan(app))
    assert written(visier) == ["create_webhook"]
    # A second press, and a second plan of the same, create no second one.
    app = reviewed(opened(open_page), "Review…")
    assert "There is one of this name and address already." in str(table_of_plan(app))
    assert len(there(visier)) == 1


def test_what_visier_lists_in_other_words_is_found_by_the_id_it_named(
    visier: Sandbox, open_page: Open
) -> None:
    visier.control.fault("get_all_webhooks", "drop_field", value="displayName", times=0)
    app = applied(reviewed(opened(open_page), "Review…"), webhooks.NAME)
    assert outcome(app) == (Outcome.SUCCEEDED, "")
    assert len(there(visier)) == 1


def test_a_creation_is_undone_by_deleting_what_it_created(visier: Sandbox, open_page: Open) -> None:
    made(visier, "https://loads.example/other")
    app = applied(reviewed(opened(open_page), "Review…"), webhooks.NAME)
    app = applied(reviewed(app, "Undo"), webhooks.NAME)
    assert [each.target_url for each in there(visier)] == ["https://loads.example/other"]
    assert outcome(app) == (Outcome.SUCCEEDED, "")


def table_of_plan(app: AppTest) -> list[str]:
    return [str(frame.value.to_dict()) for frame in app.dataframe]


@pytest.mark.parametrize(
    ("label", "typed", "said"),
    [
        ("name", "", "Enter a name."),
        ("address", "http://loads.example/hook", "Enter an address that begins with https://."),
        ("address", "https://ann:word@loads.example/", "no user, no password, no query."),
        ("address", "https://loads.example/?token=word", "no user, no password, no query."),
        ("address", "https://[loads", "Enter an address that begins with https://."),
    ],
)
def test_what_cannot_be_created_says_why(
    visier: Sandbox, open_page: Open, label: str, typed: str, said: str
) -> None:
    app = opened(open_page)
    typed_in(app, label).set_value(typed).run()
    assert said in texts(app)
    assert "Review…" not in labels(app)


def test_without_a_signing_key_it_says_that_events_are_refused_here(
    visier: Sandbox, open_page: Open
) -> None:
    assert "Without an encryption key events are not signed" in texts(opened(open_page))


def test_it_is_activated_and_deactivated_with_all_else_as_it_was(
    visier: Sandbox, open_page: Open
) -> None:
    id_ = made(visier, ELSEWHERE)
    in_sandbox(visier).update_webhook_credentials(id_, {"accessToken": SECRET})
    (webhook,) = there(visier)
    before = (webhook.target_url, webhook.events, webhook.key_name, webhook.authorization)
    app = applied(reviewed(opened(open_page, id_), "Activate…"), webhooks.NAME)
    assert outcome(app) == (Outcome.SUCCEEDED, "")
    assert webhook.is_active
    assert before == (
        webhook.target_url,
        webhook.events,
        webhook.key_name,
        webhook.authorization,
    )
    # Its result offers to take it back.
    app = applied(reviewed(app, "Undo"), webhooks.NAME)
    assert not webhook.is_active
    assert outcome(app) == (Outcome.SUCCEEDED, "")
    assert list(table(opened(open_page))["state"]) == ["Inactive"]


def test_no_secret_of_an_address_reaches_page_ledger_or_log(
    visier: Sandbox, open_page: Open, caplog: pytest.LogCaptureFixture
) -> None:
    id_ = made(visier, ELSEWHERE)
    app = opened(open_page, id_)
    assert list(table(app)["address"]) == ["https://hooks.example/…"]
    for words in ("Activate…", "Send it…", "Delete…"):
        app = applied(reviewed(opened(open_page, id_), words), webhooks.NAME)
        assert not app.exception
        assert SECRET not in repr(app)
        assert SECRET not in repr([frame.value.to_dict() for frame in app.dataframe])
        assert "Copy as curl" not in labels(app)
    assert SECRET not in recorded()
    assert SECRET not in caplog.text
    assert KEY not in recorded()


def test_it_is_deleted_for_good(visier: Sandbox, open_page: Open) -> None:
    id_ = made(visier)
    app = reviewed(opened(open_page, id_), "Delete…")
    assert "Deletion is permanent." in " ".join(each.value for each in app.warning)
    app = applied(app, webhooks.NAME)
    assert there(visier) == []
    assert outcome(app) == (Outcome.SUCCEEDED, "")


@pytest.mark.parametrize(("status", "expected"), [(200, "succeeded"), (401, "failed")])
def test_a_test_says_what_the_receiver_answered(
    visier: Sandbox, open_page: Open, receiver: HttpReceiver, status: int, expected: str
) -> None:
    receiver.status = status
    id_ = made(visier, f"http://127.0.0.1:{receiver.port}/hook")
    app = applied(reviewed(opened(open_page, id_), "Send it…"), webhooks.NAME)
    (got,) = receiver.got
    assert got["eventType"] == "jobResultSuccess"
    assert outcome(app)[0] == expected
    said = " ".join(table_of_plan(app))
    assert (f"Visier says: {status}" if status == 200 else f"Visier names: {status}") in said


def test_a_test_whose_answer_is_lost_is_not_sent_again(
    visier: Sandbox, open_page: Open, receiver: HttpReceiver
) -> None:
    id_ = made(visier, f"http://127.0.0.1:{receiver.port}/hook")
    visier.control.fault("send_test_event", "cut", when="after")
    app = applied(reviewed(opened(open_page, id_), "Send it…"), webhooks.NAME)
    assert len(receiver.got) == 1
    # Neither done nor not done, and not uncertain for ever, which a rule would report.
    assert outcome(app) == (Outcome.NO_RESULT, "no_trace")
    assert bootstrap.whole_ledger().operations()[0].state == "finished"
    assert TEST_AGAIN in texts(app)
    assert "Look up the uncertain (1)" not in labels(app)


def test_a_test_without_a_status_has_no_result(
    visier: Sandbox, open_page: Open, receiver: HttpReceiver
) -> None:
    id_ = made(visier, f"http://127.0.0.1:{receiver.port}/hook")
    visier.control.fault("send_test_event", "drop_field", value="statusCode")
    app = applied(reviewed(opened(open_page, id_), "Send it…"), webhooks.NAME)
    assert outcome(app) == (Outcome.NO_RESULT, "no_trace")
    assert len(receiver.got) == 1


def test_a_creation_whose_answer_is_lost_is_found_and_not_sent_again(
    visier: Sandbox, open_page: Open
) -> None:
    visier.control.fault("create_webhook", "cut", when="after")
    app = opened(open_page)
    app = applied(reviewed(app, "Review…"), webhooks.NAME)
    assert written(visier) == ["create_webhook"]
    assert len(there(visier)) == 1
    assert outcome(app) == (Outcome.SUCCEEDED, "looked_done")


def test_a_creation_that_never_arrived_stays_uncertain_until_it_cannot_any_more(
    visier: Sandbox, open_page: Open
) -> None:
    visier.control.fault("create_webhook", "cut", when="before")
    app = applied(reviewed(opened(open_page), "Review…"), webhooks.NAME)
    assert there(visier) == []
    assert written(visier) == ["create_webhook"]
    assert outcome(app) == (Outcome.UNCERTAIN, "looked_too_early")
    assert "Look up the uncertain (1)" in labels(app)


@pytest.mark.parametrize(
    ("verb", "operation"),
    [("Activate…", "update_webhook"), ("Delete…", "delete_webhook"), ("Review…", "create_webhook")],
)
@pytest.mark.parametrize("status", [403, 500])
def test_what_visier_refuses_is_not_done(
    visier: Sandbox, open_page: Open, verb: str, operation: str, status: int
) -> None:
    id_ = made(visier)
    visier.control.fault(operation, str(status))
    app = opened(open_page, id_)
    if verb == "Review…":
        typed_in(app, "name").set_value("Another").run()
    app = applied(reviewed(app, verb), webhooks.NAME)
    (webhook,) = there(visier)
    assert not webhook.is_active
    assert written(visier) == [operation]
    assert outcome(app)[0] == (Outcome.FAILED if status == 403 else Outcome.UNCERTAIN)


def test_a_success_that_changed_nothing_is_not_called_done(
    visier: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = made(visier)
    # The answer says 200, and the list goes on as before.
    monkeypatch.setattr("services.sandbox.responses.webhooks.flag", lambda *_: False)
    app = applied(reviewed(opened(open_page, id_), "Activate…"), webhooks.NAME)
    assert outcome(app)[0] == Outcome.UNCERTAIN
    assert not there(visier)[0].is_active


def test_without_the_permission_nothing_is_sent(
    visier: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = made(visier)
    monkeypatch.setenv("DASHBOARD_READ_ONLY", "true")
    forget_settings()
    app = reviewed(opened(open_page, id_), "Delete…")
    assert apply_button(app, webhooks.NAME).disabled
    assert written(visier) == []


def test_who_may_not_see_definitions_sees_what_is_active(visier: Sandbox, open_page: Open) -> None:
    id_ = made(visier)
    visier.control.fault("get_all_webhooks", "403", times=0)
    app = opened(open_page)
    assert list(table(app)["webhook_id"]) == [id_]
    assert "Managing them takes its capability for webhooks." in texts(app)
    assert "Review…" not in labels(app)


def test_where_webhooks_cannot_be_read_the_endpoint_is_still_told(
    visier: Sandbox, open_page: Open
) -> None:
    visier.control.fault("get_all_webhooks", "500", times=0)
    app = opened(open_page)
    assert not app.exception
    assert [each.value for each in app.code] == [HERE]
    assert "Visier reports an error" in texts(app)


def test_the_endpoint_is_told_off_waiting_receiving_and_with_another_key(
    visier: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(open_page)
    assert f"{ON}\nNo event has been received yet." in texts(app)
    event = ReceivedEvent("e1", CLOCK.now(), "", "jobResultFailure", "hex", "{}")
    bootstrap.whole_ledger().webhook_events.add(event)
    assert "ago: Job failed" in texts(app.run())
    pushed_reader.pushes().refused(is_signed=True)
    assert [each.value for each in app.run().warning] == [KEY_DOES_NOT_MATCH]
    assert KEY not in texts(app)
    monkeypatch.delenv("DASHBOARD_WEBHOOK_KEY")
    monkeypatch.delenv("DASHBOARD_PUBLIC_URL")
    forget_settings()
    pushed_reader.pushes.clear()
    shown = texts(opened(open_page))
    assert OFF in shown
    assert NO_ADDRESS in shown


def test_activity_says_in_words_what_was_done(visier: Sandbox, open_page: Open) -> None:
    id_ = made(visier)
    for words in ("Send it…", "Activate…"):
        applied(reviewed(opened(open_page, id_), words), webhooks.NAME)
    shown = table(open_page("activity"))
    assert set(shown["verb"]) == {"Test webhooks", "Activate webhooks"}
    activated = bootstrap.whole_ledger().operations()[0]
    app = open_page("activity", act_op=activated.id)
    said = " ".join(table_of_plan(app))
    assert "'Loads'" in said
    assert "'Inactive'" in said
    assert "'Active'" in said


def test_odd_values_cost_themselves(visier: Sandbox, open_page: Open) -> None:
    made(visier)
    for webhook in there(visier):
        webhook.target_url = "https://[half"
        webhook.display_name = ""
        webhook.events = ["somethingNew", orjson.dumps({}).decode()]
    app = opened(open_page)
    assert not app.exception
    shown = table(app).iloc[0]
    assert shown["address"] == "…"
    assert "somethingNew" in shown["events"]


def test_a_search_narrows_the_list(visier: Sandbox, open_page: Open) -> None:
    made(visier)
    made(visier, displayName="Alerts")
    app = open_page("watch", wa_view="webhooks", wa_text="alert")
    assert list(table(app)["display_name"]) == ["Alerts"]
    assert in_session(app, session.signed_in) is not None
    assert "No webhook matches the filter" in texts(
        open_page("watch", wa_view="webhooks", wa_text="nothing like it")
    )

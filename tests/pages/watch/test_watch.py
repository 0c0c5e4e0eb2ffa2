"""Watch: rules are made, previewed and muted; incidents are acknowledged; messages sent again."""

from datetime import time as clock_time
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, data, navigation, session
from dashboard.watch import notifying
from pages.watch import actions
from services.clock import CLOCK
from services.ledger import Ledger, MessageState, Place
from services.monitoring.watch.observation import NightFacts, Observation
from services.notifications import Episodes
from services.notifications.rules import (
    EVERY_DAY,
    Daily,
    Deadline,
    Failed,
    Overdue,
    Rule,
    TenantSet,
    written,
)
from services.notifications.rules import read as read_rule
from tests.pages.acting import button
from tests.pages.conftest import Open, forget_settings, jobs_beside, operations
from tests.pages.history import recording
from tests.pages.reading import as_read, table, texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox
from tests.services.notifications.nights import at, loaded, missing, rows, scope, seen

CODES = ("WFF_j1r~a1d", "WFF_j1r~a3e")


def place_of(app: AppTest) -> Place:
    return in_session(app, session.signed_in).actor.place


def ledger() -> Ledger:
    return bootstrap.whole_ledger()


def seen_now(tenants: dict[str, dict[str, object]]) -> Observation:
    now = CLOCK.now()
    # The night that is under way, noon to noon.
    night = (now + timedelta(hours=12)).date()
    return Observation(night, now, rows(tenants), NightFacts(lists_at=now, jobs_at=now))


def look(app: AppTest, tenants: dict[str, dict[str, object]]) -> None:
    episodes = Episodes(ledger(), place_of(app), zone=notifying.watch_zone(), scope=scope)
    episodes.look(seen_now(tenants))


def add(app: AppTest, rule: Rule) -> str:
    return ledger().rules.add(place_of(app), written(rule), "Ann", CLOCK.now())


def rules_of(app: AppTest) -> list[Rule]:
    return [read_rule(each.body) for each in ledger().rules.listed(place_of(app))]


@pytest.fixture
def destinations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_DESTINATIONS", '{"mail": "json://127.0.0.1:9/S3cretPath"}')
    forget_settings()


def test_nothing_is_asked_of_visier_and_a_newcomer_reads_what_to_do(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("watch")
    assert not app.exception
    assert "No rules yet" in texts(app)
    assert operations(sandbox) == []


def test_a_rule_is_made_with_the_form_and_read_as_a_sentence(
    sandbox: Sandbox, open_page: Open, destinations: None
) -> None:
    app = open_page("watch", wa_view="rules", tz="Europe/Berlin")
    app = app.button(key="wa.new").click().run()
    assert "No night is on record yet." in texts(app)
    sentence = (
        "All tenants must have loaded by 07:00 Europe/Berlin on working days, warned 1 h before."
    )
    assert as_read(app.info[0].value) == sentence
    app.button(key="wa.save").click().run()
    assert not app.exception
    assert rules_of(app) == [
        Rule(
            Deadline(
                Daily(clock_time(7), "Europe/Berlin", (0, 1, 2, 3, 4)), TenantSet(), warn_minutes=60
            ),
            ("mail",),
        )
    ]
    rows = table(open_page("watch", wa_view="rules"))
    assert list(rows["what"]) == [sentence]
    assert list(rows["to"]) == ["mail"]


def test_every_kind_of_rule_has_its_form(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("watch", wa_rule="new")
    key = next(each.key or "" for each in app.selectbox if each.label == "Report")
    for kind in app.selectbox(key=key).options:
        app.selectbox(key=key).select(kind).run()
        assert not app.exception
        assert as_read(app.info[0].value).endswith(".")
        assert not app.button(key="wa.save").disabled


def test_a_rule_that_can_mean_nothing_says_why_and_is_not_saved(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("watch", wa_rule="new")
    choice = next(each for each in app.segmented_control if each.label == "Tenants")
    choice.set_value("List").run()
    assert "Enter at least one tenant code." in texts(app)
    assert app.button(key="wa.save").disabled
    area = next(each for each in app.text_area if each.label == "Tenant codes")
    area.set_value(f"{CODES[0]}, {CODES[1]}").run()
    assert as_read(app.info[0].value).startswith(f"{CODES[0]}, {CODES[1]} must have loaded by")


def test_a_rule_is_changed_muted_turned_off_and_deleted(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("watch")
    rule_id = add(app, Rule(Failed()))
    app = open_page("watch", wa_view="rules", wa_rule=rule_id)
    assert app.button(key="wa.save").disabled
    more = next(each for each in app.number_input if each.label == "More than")
    more.set_value(5).run()
    app.button(key="wa.save").click().run()
    assert rules_of(app) == [Rule(Failed(more_than=5))]

    app = open_page("watch", wa_view="rules", wa_rule=rule_id)
    button(app, "Mute")
    (stored,) = ledger().rules.listed(place_of(app))
    assert stored.muted_until is not None
    assert stored.muted_until > CLOCK.now()
    button(app, "Unmute")
    button(app, "Turn off")
    (stored,) = ledger().rules.listed(place_of(app))
    assert (stored.muted_until, stored.is_enabled) == (None, False)
    assert list(table(open_page("watch", wa_view="rules"))["state"]) == ["Off"]

    app = open_page("watch", wa_view="rules", wa_rule=rule_id)
    sure = next(each for each in app.checkbox if each.label == "Delete it")
    sure.check().run()
    button(app, "Delete now")
    assert ledger().rules.listed(place_of(app)) == []
    done = table(open_page("activity"))
    assert list(done["verb"]) == ["Change rules"] * 5


def test_a_preview_says_what_it_would_have_said_on_each_night(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = at("00:00").date()
    nights = [
        seen({"t1": loaded("08:00"), "t2": loaded("02:00")}, "11:55"),
        seen(missing(2), "11:55", night=night - timedelta(days=3)),
        seen({}, "05:00", night=night - timedelta(days=4)),
    ]
    monkeypatch.setattr(notifying, "recorded_nights", lambda *_: nights)
    app = open_page("watch", wa_rule="new", tz="UTC")
    said = app.dataframe[-1].value
    assert list(said["said"]) == [
        "t1 not loaded yet, due 30 Nov 07:00 UTC; t1 missed 30 Nov 07:00 UTC",
        "2 tenants not loaded yet, due 27 Nov 07:00 UTC; 2 tenants missed 27 Nov 07:00 UTC",
        "Not looked at for long enough",
    ]
    assert list(said["tenants"]) == [1, 2, 0]
    assert "On 2 of 3 recorded nights it would have reported:" in texts(app)


def test_messages_say_how_to_set_a_destination_up_before_there_is_one(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("watch", wa_view="messages")
    assert not app.exception
    assert "No destination is configured" in texts(app)
    assert "DASHBOARD_DESTINATIONS" in texts(app)
    assert "No messages yet" in texts(app)


def test_a_preview_looks_at_all_nights_on_record_once_it_is_asked(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying, "NIGHTS_PREVIEWED", 2)
    monkeypatch.setattr(notifying, "NIGHTS_AT_ONCE", 2)
    app = open_page("watch")
    newest = recording.tonight() - timedelta(days=1)
    for days in range(5):
        night = newest - timedelta(days=days)
        hour = 9 if days in (0, 4) else 2
        recording.record(app, night, {"t1": recording.loaded(night, hour)})
    rule = Rule(Deadline(Daily(clock_time(7), "UTC", EVERY_DAY), TenantSet(), warn_minutes=0))
    app = open_page("watch", wa_view="rules", wa_rule=add(app, rule))
    assert "On 1 of the newest 2 recorded nights it would have reported:" in texts(app)
    every = next(each for each in app.checkbox if each.label == "Look at all 5 nights on record")
    app = every.check().run()
    assert "On 2 of 5 recorded nights it would have reported:" in texts(app)
    nights = [newest - timedelta(days=days) for days in range(5)]
    assert list(app.dataframe[-1].value["night"]) == nights


def test_an_incident_is_acknowledged_and_closes_by_itself(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("watch")
    add(app, Rule(Failed(), runbook="https://wiki.example/failed", assignee="Bob"))
    look(app, {CODES[0]: {"jobs_failed": 1}, CODES[1]: {}})
    app = open_page("watch")
    shown = table(app)
    assert list(shown["state"]) == ["● Open"]
    assert list(shown["what"]) == [f"{CODES[0]} failed"]
    assert list(shown["assignee"]) == ["Bob"]
    (incident,) = ledger().incidents.listed(place_of(app))

    app = open_page("watch", wa_open=incident.id)
    (runbook,) = app.get("link_button")
    assert runbook.proto.url == "https://wiki.example/failed"
    note = next(each for each in app.text_input if each.label == "Note")
    note.set_value("looking")
    button(app, "Acknowledge")
    shown = table(open_page("watch"))
    assert list(shown["state"]) == ["◐ Acknowledged"]
    assert (shown["note"].iloc[0], shown["who"].iloc[0]) == ("looking", sandbox.username)

    look(app, {CODES[0]: {"loaded_at": CLOCK.now(), "data_version": "v77"}})
    shown = table(open_page("watch", wa_state="resolved"))
    assert list(shown["state"]) == ["○ Resolved"]
    app = open_page("watch", wa_open=incident.id)
    assert "version v77" in texts(app)
    done = table(open_page("activity"))
    assert list(done["verb"]) == ["Handle incidents"]


def test_the_menu_counts_open_incidents(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("watch")
    add(app, Rule(Overdue()))
    look(app, {CODES[0]: {"late_at": CLOCK.now() - timedelta(hours=1)}})
    titles = [each.proto.label for each in open_page("watch").get("page_link")]
    assert "Watch (1)" in titles


def test_what_was_not_delivered_is_shown_and_sent_again_or_dismissed(
    sandbox: Sandbox, open_page: Open, destinations: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifying.Notifier, "deliver_soon", lambda _: None)
    app = open_page("watch")
    add(app, Rule(Failed(), ("mail", "gone")))
    look(app, {CODES[0]: {"jobs_failed": 1}})
    outbox = ledger().outbox
    taken = outbox.take(["mail"], CLOCK.now())
    outbox.settle(taken, MessageState.FAILED, CLOCK.now(), error="refused")
    app = open_page("watch", wa_view="messages")
    assert "New incident to mail: Not delivered. Refused or not reachable" in texts(app)
    assert "1 message for “gone”, which the settings do not name." in texts(app)
    assert "S3cret" not in texts(app)
    button(app, "Send again")
    assert outbox.counts()[MessageState.FAILED] == 0
    taken = outbox.take(["mail"], CLOCK.now())
    outbox.settle(taken, MessageState.UNCERTAIN, CLOCK.now(), error="no_answer")
    app = open_page("watch", wa_view="messages")
    button(app, "Dismiss")
    assert outbox.counts()[MessageState.DISMISSED] == 1


def test_a_destination_is_tested(
    sandbox: Sandbox, open_page: Open, destinations: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered: list[int] = []
    monkeypatch.setattr(
        notifying.Notifier, "deliver_soon", lambda notifier: delivered.append(notifier.deliver())
    )
    app = open_page("watch", wa_view="messages")
    button(app, "Send a test to mail")
    assert delivered == [1]
    (test,) = ledger().outbox.listed(place_of(app), [*MessageState])
    # Nobody listens there: it is tried again.
    assert (test.state, test.error) == (MessageState.PLANNED, "refused")


def test_who_may_not_change_anything_sees_everything(
    sandbox: Sandbox, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("watch")
    rule_id = add(app, Rule(Failed()))
    look(app, {CODES[0]: {"jobs_failed": 1}})
    (incident,) = ledger().incidents.listed(place_of(app))
    monkeypatch.setenv("DASHBOARD_READ_ONLY", "true")
    forget_settings()
    app = open_page("watch")
    assert len(table(app)) == 1
    assert app.button(key="wa.new").disabled
    app = open_page("watch", wa_rule=rule_id)
    for words in ("Save", "Mute", "Turn off"):
        (found,) = [each for each in app.button if each.label == words]
        assert found.disabled
    app = open_page("watch", wa_open=incident.id)
    (found,) = [each for each in app.button if each.label == "Acknowledge"]
    assert found.disabled
    # What comes all the same is refused, and written down.
    (stored,) = ledger().rules.listed(place_of(app))
    connection = in_session(app, session.signed_in)
    assert not in_session(app, actions.enable, connection, stored, on=False)
    assert ledger().rules.listed(place_of(app)) == [stored]
    done = table(open_page("activity"))
    assert list(done["state"]) == ["Refused"]


@pytest.mark.parametrize("screen", ["data_versions", "uploads"])
def test_a_rule_is_made_of_a_selection(sandbox: Sandbox, open_page: Open, screen: str) -> None:
    app = open_page(screen)
    rows = app.dataframe[0].value
    codes = list(rows["tenant_code"].unique()[:2])
    keys = frozenset(_keys(app, screen, codes))
    in_session(app, session.select, screen, keys)
    if screen == "uploads":
        jobs_beside(app).wait(30)
    button(app.run(), "Make a rule")
    # An AppTest goes to another page only for the run of the click.
    app.switch_page(str(navigation.file_of(navigation.WATCH)))
    app.query_params["wa_rule"] = "new"
    app.run()
    assert app.title[0].value == "Watch"
    assert set(as_read(app.info[0].value).split(" must")[0].split(", ")) == set(codes)
    app.button(key="wa.save").click().run()
    (rule,) = rules_of(app)
    assert isinstance(rule.condition, Deadline)
    assert set(rule.condition.tenants.codes) == set(codes)


def _keys(app: AppTest, screen: str, codes: list[str]) -> list[str]:
    connection = in_session(app, session.signed_in)
    if screen == "uploads":
        listed = in_session(app, data.load_uploads, connection, None).frame
    else:
        listed = in_session(app, data.load_data_versions, connection, None).tenants
    return list(listed.loc[listed["tenant_code"].isin(codes), "key"])


def test_an_unreadable_rule_is_said_to_be_so(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("watch")
    ledger().rules.add(place_of(app), '{"version": 2}', "Ann", CLOCK.now())
    shown = table(open_page("watch", wa_view="rules"))
    assert list(shown["state"]) == ["Unreadable"]

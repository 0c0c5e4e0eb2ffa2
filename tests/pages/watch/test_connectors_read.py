"""The form of a rule about connectors: what a round takes, what is known, and what is not."""

from datetime import timedelta

from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from dashboard.watch import notifying
from services.clock import CLOCK
from services.ledger import ConnectorReading, Place
from services.monitoring.watch import NightFacts, night, recorded
from services.monitoring.watch.watching import lease_name
from services.notifications.rules import EVERYONE, NoCredential, Rule, set_key, written
from tests.pages.conftest import Open
from tests.pages.reading import texts
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox
from tests.services.notifications.nights import loaded, rows

CODES = ("t1", "t2", "t3")


def place_of(app: AppTest) -> Place:
    return in_session(app, session.signed_in).actor.place


def record(place: Place, tenants: int, facts: NightFacts) -> None:
    """Record the present night of so many tenants, as a look of the watch does."""
    ledger, now = bootstrap.whole_ledger(), CLOCK.now()
    lease = ledger.leases.take(lease_name(place))
    assert lease is not None
    codes = {f"t{number}": loaded("01:00") for number in range(1, tenants + 1)}
    ledger.nights.write(
        place,
        lease,
        night.night_of(now, notifying.watch_zone()),
        rows(codes),
        at=now,
        is_complete=False,
        facts=recorded.document(facts),
    )


def rule_form(app: AppTest, open_page: Open) -> AppTest:
    body = written(Rule(NoCredential()))
    rule_id = bootstrap.whole_ledger().rules.add(place_of(app), body, "Ann", CLOCK.now())
    return open_page("watch", wa_view="rules", wa_rule=rule_id)


def said(app: AppTest) -> list[str]:
    return [str(each) for frame in app.dataframe for each in frame.value.get("said", ())]


def test_before_the_first_look_it_says_that_it_will_tell(sandbox: Sandbox, open_page: Open) -> None:
    shown = texts(rule_form(open_page("watch"), open_page))
    assert "How long a round takes is told once the watch has looked." in shown


def test_of_five_thousand_tenants_a_round_takes_more_than_a_day(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("watch")
    record(place_of(app), 5000, NightFacts(lists_at=CLOCK.now()))
    shown = texts(rule_form(app, open_page))
    assert "Reads the connectors of 5,000 tenants, at most 2 calls each" in shown
    assert "a round takes 25h" in shown
    assert "None of them has been read yet, so nothing is known of their connectors." in shown


def test_it_says_what_was_read_and_of_whom_nothing_is_known(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("watch")
    place, now = place_of(app), CLOCK.now()
    record(place, 3, NightFacts(lists_at=now, without_credential=("t2",)))
    readings = bootstrap.whole_ledger().connector_readings
    readings.keep(place, ConnectorReading("t1", now, now, lacks_credential=False))
    earlier = now - timedelta(hours=3)
    readings.keep(place, ConnectorReading("t2", earlier, earlier, lacks_credential=True))
    app = rule_form(app, open_page)
    shown = texts(app)
    assert "2 read, the longest ago" in shown
    assert "1 tenant not read yet: nothing is known of them." in shown
    # Found is found, and nothing else is said to be good.
    (row,) = said(app)
    assert row.startswith("t2 without a working credential; then not looked at")


def test_a_night_says_nothing_is_wrong_only_where_all_were_read(
    sandbox: Sandbox, open_page: Open
) -> None:
    app, now = open_page("watch"), CLOCK.now()
    record(place_of(app), 3, NightFacts(lists_at=now, without_credential=()))
    app = rule_form(app, open_page)
    assert said(app) == ["Not looked at for long enough"]
    notifying.recorded_nights.clear()
    known = {set_key(EVERYONE): now}
    record(place_of(app), 3, NightFacts(without_credential=(), connectors_read=known))
    assert said(app.run()) == ["Nothing"]

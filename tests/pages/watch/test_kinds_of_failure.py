"""The kind of failure of a rule: chosen among those on record, and read in words."""

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from dashboard import bootstrap
from services.clock import CLOCK
from services.monitoring.watch.observation import FailureKind, Failures, NightFacts
from services.notifications.rules import Failed, Rule, written
from services.notifications.rules import read as read_rule
from tests.pages.conftest import Open
from tests.pages.history.recording import DAY, LOST, place_of, record, tonight
from tests.pages.reading import as_read, table
from tests.sandboxes import Sandbox

LABEL = "Kind of failure"
# Visier said nothing of it.
SILENT = FailureKind("k2", "", "receiving", "rolled_back", "", 70, 5)
OLD = FailureKind("k3", "[DP510009] Column is gone", "processing", "failed", "", 900, 50)


def recorded(app: AppTest) -> None:
    """Record two nights that failures were seen in, and one that nothing is known of."""
    nights = ((SILENT, LOST), (OLD, replace(LOST, jobs=20)), None)
    for ago, kinds in enumerate(nights):
        facts = NightFacts(failures=Failures(9, kinds) if kinds else None)
        record(app, tonight() - ago * DAY, {"t1": {}}, facts, is_complete=False)


def add(app: AppTest, failure: str) -> str:
    body = written(Rule(Failed(failure=failure)))
    return bootstrap.whole_ledger().rules.add(place_of(app), body, "Ann", CLOCK.now())


def test_a_kind_is_chosen_in_words_and_kept_as_its_key(sandbox: Sandbox, open_page: Open) -> None:
    recorded(open_page("watch"))
    app = open_page("watch", wa_view="rules", wa_rule="new")
    report = next(each for each in app.selectbox if each.label == "Report")
    app = report.select("failed").run()
    choice = next(each for each in app.selectbox if each.label == LABEL)
    # Of the newest night first; of one night that of most jobs over all nights.
    assert choice.options == [
        "Any kind",
        "[DP510002] Unexpected exception",
        "Receiving was rolled back",
        "[DP510009] Column is gone",
    ]
    assert as_read(app.info[0].value) == "One of all tenants failed in a night."
    app = choice.select("k1").run()
    assert as_read(app.info[0].value) == (
        "One of all tenants failed in a night, of the kind “[DP510002] Unexpected exception”."
    )
    app.button(key="wa.save").click().run()
    (stored,) = bootstrap.whole_ledger().rules.listed(place_of(app))
    assert read_rule(stored.body) == Rule(Failed(failure="k1"))
    assert list(table(open_page("watch", wa_view="rules"))["what"]) == [
        "One of all tenants failed in a night, of the kind “[DP510002] Unexpected exception”."
    ]


def test_a_kind_that_no_night_on_record_has_is_shown_as_its_key(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("watch")
    recorded(app)
    rule_id = add(app, "0a1b2c3d4e5f")
    app = open_page("watch", wa_view="rules", wa_rule=rule_id)
    choice = next(each for each in app.selectbox if each.label == LABEL)
    assert (choice.value, choice.options[-1]) == ("0a1b2c3d4e5f", "0a1b2c3d4e5f")
    assert as_read(app.info[0].value).endswith(" failed in a night, of the kind 0a1b2c3d4e5f.")
    assert app.button(key="wa.save").disabled
    choice.select("").run()
    app.button(key="wa.save").click().run()
    (stored,) = bootstrap.whole_ledger().rules.listed(place_of(app))
    assert read_rule(stored.body) == Rule(Failed())


def test_without_a_night_on_record_any_kind_is_all_there_is(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("watch")
    app = open_page("watch", wa_view="rules", wa_rule=add(app, ""))
    choice = next(each for each in app.selectbox if each.label == LABEL)
    assert choice.options == ["Any kind"]


def test_a_long_message_is_cut_in_the_sentence_and_whole_in_the_choice(
    sandbox: Sandbox, open_page: Open
) -> None:
    app = open_page("watch")
    message = "Mapping of the column failed " * 9
    long = replace(LOST, message=message.strip())
    record(app, tonight(), {"t1": {}}, NightFacts(failures=Failures(58, (long,))))
    app = open_page("watch", wa_view="rules", wa_rule=add(app, "k1"))
    choice = next(each for each in app.selectbox if each.label == LABEL)
    assert choice.options[1] == long.message
    assert as_read(app.info[0].value).endswith("failed Mapping of …”.")

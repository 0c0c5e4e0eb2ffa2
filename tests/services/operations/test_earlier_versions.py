"""What an earlier version left half done is finished, and undone, by this one."""

from contextlib import closing
from pathlib import Path

import pytest

from services.frames import connector_settings
from services.ledger import Ledger, Outcome, State
from services.operations import VERBS, Runner, Skip, undo_plan
from tests.services.ledger.earlier import ROWS, Rows, write_as
from tests.services.operations.conftest import ACTOR, ADA, LONG_ENOUGH, Desk
from tests.services.operations.connecting import E1A, TEST

OF_ADA = {"user": ACTOR.user, "tenant": ACTOR.tenant, "host": ACTOR.host, "identity": "ada"}


def left(verb: str, items: list[dict[str, str]], state: str, **counts: int) -> Rows:
    """Give what revision 0008 had of an operation, its items and their outcomes."""
    (begun,), (stood, _), (item, *_) = ROWS["operation"], ROWS["standing"], ROWS["item"]
    none = dict.fromkeys(("planned", "skipped"), 0)
    return {
        "operation": [{**begun, **OF_ADA, "verb": verb, "part_of": None}],
        "standing": [{**stood, **none, **counts, "state": state}],
        "item": [{**item, "number": number, **each} for number, each in enumerate(items)],
    }


@pytest.mark.parametrize("arrived", [True, False])
def test_an_exclusion_that_an_earlier_version_broke_off_is_finished(
    desk: Desk, tmp_path: Path, arrived: bool
) -> None:
    current = desk.uploads()
    chosen = current[current["included"].fillna(False)].drop_duplicates("tenant_code").head(3)
    pairs = list(zip(chosen["tenant_code"], chosen["upload_time_text"], strict=True))
    items = [
        {
            "key": f'["{code}","{text}"]',
            "tenant_code": code,
            "label": text,
            "before": "Included",
            "after": "Excluded",
            "outcome": outcome,
        }
        for (code, text), outcome in zip(pairs, ["Intended", "Planned", "Planned"], strict=True)
    ]
    if arrived:
        desk.client.exclude_data_uploads(
            [{"tenantCode": pairs[0][0], "uploadTimes": [pairs[0][1]]}]
        )
    url = f"sqlite:///{tmp_path / 'earlier.sqlite3'}"
    rows = left("Exclude data uploads", items, "Interrupted", intended=1, planned=2)
    write_as(url, "0008", rows)
    desk.sandbox.control.clear_requests()
    with closing(Ledger.open(url, clock=desk.clock, monotonic=desk.clock.monotonic)) as ledger:
        # Only who has watched the clock for as long knows that no request is on its way any more.
        desk.clock.advance(minutes=2)
        (operation,) = ledger.operations()
        runner = Runner(ledger, VERBS, now=desk.clock)
        runner.finish_interrupted(operation.id, desk.client, ADA)
        assert runner.wait(operation.id, LONG_ENOUGH)
        first = Outcome.SUCCEEDED if arrived else Outcome.FAILED
        told = [item.outcome for item in ledger.items(operation.id)]
        assert told == [first, Outcome.SUCCEEDED, Outcome.SUCCEEDED]
        assert ledger.operation(operation.id).state is State.FINISHED
    assert [desk.included(*pair) for pair in pairs] == [not arrived, False, False]
    sent = desk.sandbox.control.requests("exclude_data_uploads")
    assert sum(len(each["body"]["uploads"]) for each in sent) == 2


def test_a_value_that_an_earlier_version_has_cut_is_never_put_back(
    desk: Desk, tmp_path: Path
) -> None:
    pages = [desk.client.in_tenant(E1A).list_connector_settings()]
    current = connector_settings.to_frame(pages, E1A)
    zone = current[(current["connector_id"] == TEST) & (current["setting_key"] == "timeZone")]
    value = zone["value"].iloc[0]
    items = [
        {
            "key": f'["{E1A}","{TEST}","timeZone","{value}"]',
            "tenant_code": E1A,
            "label": "Test Connector: timeZone",
            "before": f"“{'x' * 490} … (cut)",
            "after": f"“{value}”",
            "outcome": "Succeeded",
        }
    ]
    url = f"sqlite:///{tmp_path / 'earlier.sqlite3'}"
    write_as(url, "0008", left("Set connector settings", items, "Finished", succeeded=1))
    with closing(Ledger.open(url)) as ledger:
        (operation,) = ledger.operations()
        plan = undo_plan(ledger, operation.id, current)
    assert [each.skip for each in plan.changes] == [Skip.UNKNOWN]
    assert plan.count == 0

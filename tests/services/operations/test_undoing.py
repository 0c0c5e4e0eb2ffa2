"""Undoing restores what was, and only where it still stands as the operation left it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import pytest

from dashboard.operations.change_words import of_plan
from dashboard.operations.warning_words import REGRETS
from services.frames import uploaded_files, uploads
from services.ledger import Item, ItemResult, Ledger, NewOperation, Outcome
from services.operations import (
    FileChoice,
    NoInverse,
    Plan,
    Verb,
    plan_disable_data_versions,
    plan_exclude_all_uploads,
    plan_exclude_files,
    plan_exclude_uploads,
    plan_include_files,
    retry_plan,
    undo_plan,
)
from services.operations.engine.runner import new_items
from services.operations.verbs.registry import VERBS
from services.operations.verbs.uploads import Inclusion
from tests.services.operations.conftest import ACTOR, Desk


def succeeded(ledger: Ledger, plan: Plan) -> str:
    """Write a plan down as if all that is eligible had been applied and had succeeded."""
    items = [each for each in new_items(plan) if each.outcome is Outcome.PLANNED]
    ledger.begin(NewOperation(plan.id, plan.verb, ACTOR, "ada"), items)
    ledger.settle(plan.id, [ItemResult(item.key, Outcome.SUCCEEDED) for item in items])
    return plan.id


CODES = ["WFF_j1r~c7o", "WFF_j1r~e1a", "WFF_j1r~i1o"]


def test_undoing_an_exclusion_includes_again_what_nobody_changed_since(desk: Desk) -> None:
    current = desk.uploads()
    chosen = current[current["included"].fillna(False)].head(5)
    id_ = desk.apply(plan_exclude_uploads(chosen, current))
    code, text = chosen[["tenant_code", "upload_time_text"]].iloc[0]
    desk.client.include_data_uploads([{"tenantCode": code, "uploadTimes": [text]}])

    undo = undo_plan(desk.ledger, id_, desk.uploads())

    assert (undo.verb, undo.undo_of, undo.count) == (Verb.INCLUDE_UPLOADS, id_, 4)
    assert [each for each in of_plan(undo)["reason"] if each] == ["Already included."]
    undone = desk.apply(undo)
    assert desk.ledger.operation(undone).undo_of == id_
    names = ["tenant_code", "upload_time_text"]
    for code, text in chosen[names].itertuples(index=False, name=None):
        assert desk.included(code, text)


def test_undoing_leaves_alone_what_had_not_succeeded(desk: Desk) -> None:
    current = desk.uploads()
    chosen = current[current["included"].fillna(False)].drop_duplicates("tenant_code").head(4)
    desk.sandbox.control.fault("exclude_data_uploads", "partial_failure")
    id_ = desk.apply(plan_exclude_uploads(chosen, current))
    assert undo_plan(desk.ledger, id_, desk.uploads()).count == 2


def test_undoing_all_restores_exactly_those_that_were_included(desk: Desk) -> None:
    before = desk.uploads()
    first = before[before["tenant_code"].isin(CODES)].drop_duplicates("tenant_code")
    desk.apply(plan_exclude_uploads(first, before))
    stood = desk.uploads()
    id_ = desk.apply(plan_exclude_all_uploads(CODES, stood))

    undo = undo_plan(desk.ledger, id_, desk.uploads())
    desk.apply(undo)

    assert undo.verb is Verb.INCLUDE_UPLOADS
    assert desk.uploads().equals(stood)


def is_alike(item: Item) -> bool:
    """Say whether all files of an item were included, before they were excluded."""
    before = VERBS[Verb.EXCLUDE_FILES].read_state(item.before)
    return bool(before.included == before.files)


def test_undoing_files_takes_tenants_whose_files_were_alike(desk: Desk) -> None:
    def files() -> pd.DataFrame:
        lists = [desk.client.in_tenant(code).iter_retrieve_tenant_source_files() for code in CODES]
        return uploaded_files.to_frame(page for pages in lists for page in pages)

    stood = files()
    id_ = desk.apply(plan_exclude_files(stood, FileChoice.SOURCES, ["Employee"]))
    assert not files().equals(stood)

    undo = undo_plan(desk.ledger, id_, files())
    desk.apply(undo)

    alike = [each for each in desk.ledger.items(id_) if is_alike(each)]
    assert undo.count == len(alike) > 0
    assert undo.verb is Verb.INCLUDE_FILES


def listed_files(flags: Mapping[str, Sequence[bool]]) -> pd.DataFrame:
    """List files of one source by tenant, each included or not."""
    pages = [
        {
            "tenantCode": code,
            "sourceFiles": [
                {
                    "uploadTime": "2026-03-01T03:00:00.000Z",
                    "filename": f"e{number}.csv",
                    "identifier": f"{code} e{number}",
                    "sourceObjectName": "Employee",
                    "included": included,
                }
                for number, included in enumerate(own)
            ],
        }
        for code, own in flags.items()
    ]
    return uploaded_files.to_frame(pages)


MIXED = "Only some matching files were included before, so the state to restore is unknown."
CHANGED = "Changed since the operation."
NO_FILES = "No file of this tenant matches."
STANDS: tuple[tuple[list[bool], list[bool], str], ...] = (
    ([True, True], [False, False], ""),
    ([True, True], [True, False], CHANGED),
    ([True, True], [False, False, False], CHANGED),
    ([True, True], [True, True], "All matching files are already "),
    ([True, True], [], NO_FILES),
    ([True, False], [False, False], MIXED),
    ([True, False], [True, True], MIXED),
)


@pytest.mark.parametrize("excluding", [True, False])
def test_undoing_files_skips_with_a_reason_what_it_cannot_restore(
    ledger: Ledger, excluding: bool
) -> None:
    before = {f"t{n}": [flag == excluding for flag in was] for n, (was, _, _) in enumerate(STANDS)}
    after = {f"t{n}": [flag == excluding for flag in now] for n, (_, now, _) in enumerate(STANDS)}
    make = plan_exclude_files if excluding else plan_include_files
    plan = make(listed_files(before), FileChoice.SOURCES, ["Employee"])
    assert plan.count == len(STANDS)
    id_ = succeeded(ledger, plan)

    undo = undo_plan(ledger, id_, listed_files(after))

    reasons = dict(zip(undo.items["tenant_code"], of_plan(undo)["reason"], strict=True))
    assert len(reasons) == len(STANDS)
    for number, (_, _, reason) in enumerate(STANDS):
        told = reasons[f"t{number}"]
        assert told.startswith(reason) if reason else not told
    assert list(undo.eligible["tenant_code"]) == ["t0"]


def test_there_is_no_undoing_of_a_disable_and_the_plan_says_so_before(desk: Desk) -> None:
    versions = desk.versions()
    plan = plan_disable_data_versions(versions.dropna().head(1), versions, now=desk.clock())
    assert "cannot re-enable" in REGRETS[plan.verb]

    id_ = desk.apply(plan)

    with pytest.raises(NoInverse):
        undo_plan(desk.ledger, id_, desk.versions())


@pytest.mark.parametrize("verb", VERBS)
def test_what_cannot_be_undone_says_so_beforehand(verb: Verb) -> None:
    assert VERBS[verb].verb is verb
    assert VERBS[verb].can_undo or REGRETS[verb]


def test_trying_again_takes_the_failed_items_and_no_others(desk: Desk) -> None:
    versions = desk.versions()
    chosen = versions.dropna().drop_duplicates("tenant_code").head(6)
    desk.sandbox.control.fault("disable_dv", "partial_failure", every=2)
    id_ = desk.apply(plan_disable_data_versions(chosen, versions, now=desk.clock()))
    failed = [each.key for each in desk.ledger.items(id_) if each.outcome is Outcome.FAILED]
    desk.sandbox.control.clear_requests()

    again = retry_plan(desk.ledger, id_, desk.versions(), now=desk.clock)
    assert list(again.items["key"]) == failed
    retried = desk.apply(again)

    assert desk.outcomes(retried) == [Outcome.SUCCEEDED] * 3
    assert desk.ledger.operation(retried).retry_of == id_
    (asked,) = desk.sandbox.control.requests("disable_dv")
    assert len(asked["body"]["dataVersionObjects"]) == 3


def outdated(desk: Desk) -> tuple[str, str, str]:
    """Let five deliveries follow an upload; give its tenant, its time and what received it."""
    current = desk.uploads()
    newest = current[current["included"].fillna(False)].sort_values("upload_time").iloc[-1]
    tenant = desk.tenant(newest["tenant_code"])
    upload = tenant.uploads[-1]
    times = [f"2999-01-0{day}T03:00:00.000Z" for day in range(1, 6)]
    tenant.uploads += [replace(upload, time=time, receiving_job="") for time in times]
    return tenant.code, upload.time, upload.receiving_job


def exclude_outdated(desk: Desk) -> tuple[str, str, str]:
    """Exclude an upload that was found by its receiving job; give its tenant, time, operation."""
    code, text, job = outdated(desk)
    received = uploads.to_frame(desk.client.iter_retrieve_data_uploads(upload_job_id=job))
    chosen = received[received["tenant_code"] == code]
    return code, text, desk.apply(plan_exclude_uploads(chosen, received, receiving_job=job))


def test_an_upload_too_old_to_be_listed_is_put_back_by_its_record(desk: Desk) -> None:
    code, text, id_ = exclude_outdated(desk)
    assert not desk.included(code, text)

    undo = undo_plan(desk.ledger, id_, desk.uploads())
    assert list(undo.eligible["before"]) == [Inclusion.EXCLUDED]
    desk.sandbox.control.clear_requests()
    undone = desk.apply(undo)

    assert desk.outcomes(undone) == [Outcome.SUCCEEDED]
    assert desk.included(code, text)
    assert len(desk.sandbox.control.requests()) == undo.calls == 3


def test_an_upload_too_old_to_be_listed_is_left_alone_when_others_changed_it(desk: Desk) -> None:
    code, text, id_ = exclude_outdated(desk)
    undo = undo_plan(desk.ledger, id_, desk.uploads())
    desk.client.include_data_uploads([{"tenantCode": code, "uploadTimes": [text]}])
    desk.sandbox.control.clear_requests()

    undone = desk.apply(undo)

    assert desk.outcomes(undone) == [Outcome.CHANGED_SINCE_PLAN]
    assert desk.sandbox.control.requests("include_data_uploads") == []


def test_an_upload_too_old_to_be_listed_can_be_tried_again(desk: Desk) -> None:
    desk.sandbox.control.fault("exclude_data_uploads", "403")
    code, text, id_ = exclude_outdated(desk)
    assert desk.outcomes(id_) == [Outcome.FAILED]

    again = retry_plan(desk.ledger, id_, desk.uploads(), now=desk.clock)
    assert list(of_plan(again)[again.items["eligible"]]["before"]) == ["Included"]

    assert desk.outcomes(desk.apply(again)) == [Outcome.SUCCEEDED]
    assert not desk.included(code, text)


@pytest.mark.parametrize("gone", [True, False])
def test_an_upload_nobody_knows_any_more_is_not_sent(desk: Desk, gone: bool) -> None:
    code, _, id_ = exclude_outdated(desk)
    undo = undo_plan(desk.ledger, id_, desk.uploads())
    if gone:
        del desk.tenant(code).uploads[-6]
    else:
        desk.sandbox.control.fault(
            "retrieve_tenant_source_files", "drop_field", value="included", times=0
        )
    desk.sandbox.control.clear_requests()

    undone = desk.apply(undo)

    assert desk.outcomes(undone) == [Outcome.CHANGED_SINCE_PLAN]
    assert desk.sandbox.control.requests("include_data_uploads") == []


def test_undoing_all_puts_back_what_has_become_too_old_to_be_listed(desk: Desk) -> None:
    current = desk.uploads()
    code = current[current["included"].fillna(False)]["tenant_code"].iloc[0]
    listed = current[(current["tenant_code"] == code) & current["included"].fillna(False)]
    id_ = desk.apply(plan_exclude_all_uploads([code], current))
    tenant = desk.tenant(code)
    times = [f"2999-01-0{day}T03:00:00.000Z" for day in range(1, 6)]
    tenant.uploads += [replace(tenant.uploads[-1], time=time) for time in times]

    undo = undo_plan(desk.ledger, id_, desk.uploads())
    undone = desk.apply(undo)

    assert desk.outcomes(undone) == [Outcome.SUCCEEDED] * len(listed)
    assert all(desk.included(code, text) for text in listed["upload_time_text"])
    assert not any(desk.included(code, text) for text in times)

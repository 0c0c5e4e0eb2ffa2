"""Undoing restores what was, and only where it still stands as the operation left it."""

import pandas as pd
import pytest

from services.frames import uploaded_files
from services.ledger import Outcome
from services.operations import (
    FileChoice,
    NoInverse,
    Verb,
    plan_disable_data_versions,
    plan_exclude_all_uploads,
    plan_exclude_files,
    plan_exclude_uploads,
    retry_plan,
    undo_plan,
)
from services.operations.catalogue import KINDS
from tests.services.operations.conftest import Desk

CODES = ["WFF_j1r~c7o", "WFF_j1r~e1a", "WFF_j1r~i1o"]


def test_undoing_an_exclusion_includes_again_what_nobody_changed_since(desk: Desk) -> None:
    current = desk.uploads()
    chosen = current[current["included"].fillna(False)].head(5)
    id_ = desk.apply(plan_exclude_uploads(chosen, current))
    code, text = chosen[["tenant_code", "upload_time_text"]].iloc[0]
    desk.client.include_data_uploads([{"tenantCode": code, "uploadTimes": [text]}])

    undo = undo_plan(desk.ledger, id_, desk.uploads())

    assert (undo.verb, undo.undo_of, undo.count) == (Verb.INCLUDE_UPLOADS, id_, 4)
    assert list(undo.skipped["reason"]) == ["It is included already."]
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


def test_undoing_files_takes_tenants_whose_files_were_alike(desk: Desk) -> None:
    def files() -> pd.DataFrame:
        lists = [desk.client.in_tenant(code).iter_retrieve_tenant_source_files() for code in CODES]
        return uploaded_files.to_frame(page for pages in lists for page in pages)

    stood = files()
    id_ = desk.apply(plan_exclude_files(stood, FileChoice.SOURCES, ["Employee"]))
    assert not files().equals(stood)

    undo = undo_plan(desk.ledger, id_, files())
    desk.apply(undo)

    alike = [each for each in desk.ledger.items(id_) if each.before[0] == each.before[5]]
    assert undo.count == len(alike) > 0
    assert undo.verb is Verb.INCLUDE_FILES


def test_there_is_no_undoing_of_a_disable_and_the_plan_says_so_before(desk: Desk) -> None:
    versions = desk.versions()
    plan = plan_disable_data_versions(versions.dropna().head(1), versions, now=desk.clock())
    assert "cannot be enabled again from here" in plan.regret

    id_ = desk.apply(plan)

    with pytest.raises(NoInverse, match="cannot be enabled again from here"):
        undo_plan(desk.ledger, id_, desk.versions())


@pytest.mark.parametrize("verb", Verb)
def test_what_cannot_be_undone_says_so_beforehand(verb: Verb) -> None:
    assert KINDS[verb].verb is verb
    assert KINDS[verb].undo or KINDS[verb].regret


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

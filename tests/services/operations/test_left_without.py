"""Excluding warns of tenants that would be left without anything to take in."""

from collections.abc import Sequence

import pandas as pd

from dashboard.operations.warning_words import warning
from services.frames import uploaded_files, uploads
from services.operations import (
    FileChoice,
    Plan,
    WarningKind,
    plan_exclude_files,
    plan_exclude_uploads,
    plan_include_uploads,
)

DAYS = [f"2026-03-0{day}T03:00:00.000Z" for day in range(1, 6)]


def listed(**tenants: Sequence[bool | None]) -> pd.DataFrame:
    """List the uploads of some tenants, a day each, by whether they are included."""
    items = [
        {
            "tenantCode": code,
            "uploads": [
                {"uploadTime": time, "included": included}
                for time, included in zip(DAYS, own, strict=False)
            ],
        }
        for code, own in tenants.items()
    ]
    return uploads.to_frame([{"tenants": items}])


def warned(plan: Plan) -> dict[WarningKind, list[tuple[str, int]]]:
    return {
        each.kind: list(each.rows[["tenant_code", "uploads"]].itertuples(False, None))
        for each in plan.warnings
    }


CURRENT = listed(
    one=[True],
    two=[True, True],
    excluded=[False, True],
    untold=[None, True],
    full=[True, True, True, True, True],
)


def test_who_keeps_another_included_upload_is_not_warned_of() -> None:
    newest = CURRENT.drop_duplicates("tenant_code", keep="last")
    plan = plan_exclude_uploads(newest, CURRENT)
    assert warned(plan) == {WarningKind.NONE_LEFT: [("excluded", 1), ("one", 1)]}


def test_of_five_listed_uploads_older_ones_may_still_be_included() -> None:
    plan = plan_exclude_uploads(CURRENT, CURRENT)
    told = warned(plan)
    assert told[WarningKind.NONE_KNOWN_LEFT] == [("full", 5)]
    assert told[WarningKind.NONE_LEFT] == [("excluded", 1), ("one", 1), ("two", 2)]


def test_of_one_receiving_job_only_what_it_brought_is_known() -> None:
    brought = CURRENT[CURRENT["tenant_code"].isin(["one", "full"])].drop_duplicates("tenant_code")
    plan = plan_exclude_uploads(brought, brought, receiving_job="some job")
    assert warned(plan) == {WarningKind.ONE_JOB_LEFT: [("full", 1), ("one", 1)]}


def test_nothing_that_would_be_excluded_leaves_nobody_without() -> None:
    already = listed(excluded=[False, False])
    assert plan_exclude_uploads(already, already).warnings == ()
    assert plan_include_uploads(CURRENT, CURRENT).warnings == ()


def test_files_of_the_only_source_leave_none_included() -> None:
    pages = [
        {"tenantCode": code, "sourceFiles": [file(source, included)]}
        for code, source, included in (
            ("a", "Employee", True),
            ("b", "Employee", True),
            ("b", "Pay", True),
            ("c", "Employee", True),
            ("c", "Pay", False),
        )
    ]
    files = uploaded_files.to_frame(pages)
    (concern,) = plan_exclude_files(files, FileChoice.SOURCES, ["Employee"]).warnings
    assert "no included file" in warning(concern)
    assert list(concern.rows["tenant_code"]) == ["a", "c"]
    assert plan_exclude_files(files, FileChoice.NAME, ["Emp.*"]).warnings == ()


def file(source: str, included: bool) -> dict[str, object]:
    return {
        "uploadTime": DAYS[0],
        "filename": f"{source}.csv",
        "identifier": f"id of {source}",
        "sourceObjectName": source,
        "included": included,
    }

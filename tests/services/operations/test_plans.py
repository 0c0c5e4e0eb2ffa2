"""Plans: what is taken, what is skipped and why, what it costs, what there is to think about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dashboard.operations.change_words import of_plan
from dashboard.operations.warning_words import REGRETS, warning
from services.frames import data_versions, uploaded_files, uploads
from services.operations import (
    FileChoice,
    Plan,
    chosen_files,
    plan_disable_data_versions,
    plan_exclude_all_uploads,
    plan_exclude_files,
    plan_exclude_uploads,
    plan_include_uploads,
    read_key,
    seconds_for,
)
from services.operations.verbs.files import FilesKey
from services.visier import Budget

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
FIRST, SECOND = "2026-03-01T03:00:00.000Z", "2026-03-02T03:00:00.000Z"


def listed_uploads(**tenants: Sequence[tuple[str, bool | None]]) -> pd.DataFrame:
    items = [
        {"tenantCode": code, "uploads": [{"uploadTime": t, "included": i} for t, i in own]}
        for code, own in tenants.items()
    ]
    return uploads.to_frame([{"tenants": items}])


def listed_versions(**tenants: Sequence[tuple[str, int]]) -> pd.DataFrame:
    """List versions by number and the days since they were made."""
    items = [
        {
            "tenant": code,
            "dataVersions": [
                {"dataVersion": number, "dataVersionDate": (NOW - timedelta(days)).isoformat()}
                for number, days in own
            ],
        }
        for code, own in tenants.items()
    ]
    return data_versions.to_frame([{"tenants": items}])


def listed_files(*files: tuple[str, str, str, bool]) -> pd.DataFrame:
    """List files by tenant, source, name and whether they are included."""
    pages = [
        {
            "tenantCode": code,
            "sourceFiles": [
                {
                    "uploadTime": FIRST,
                    "filename": name,
                    "identifier": f"id of {name}",
                    "sourceObjectName": source,
                    "included": included,
                }
            ],
        }
        for code, source, name, included in files
    ]
    return uploaded_files.to_frame(pages)


def named(*pairs: tuple[str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["tenant_code", "upload_time_text"], dtype="str")


def reasons(plan: Plan) -> list[str]:
    return list(of_plan(plan)["reason"])


UPLOADS = listed_uploads(a=[(FIRST, True), (SECOND, False)], b=[(FIRST, None)], c=[])


def test_uploads_are_taken_or_skipped_by_how_they_stand() -> None:
    chosen = named(("a", FIRST), ("a", SECOND), ("b", FIRST), ("a", "2020"), ("c", None))

    plan = plan_exclude_uploads(chosen, UPLOADS)

    assert list(plan.items.columns) == [
        *("key", "tenant_code", "name", "before", "after", "eligible", "skip"),
        *("upload_time_text", "upload_time"),
    ]
    assert list(of_plan(plan)["before"]) == [
        *("Included", "Excluded", "Unknown", "Not listed", "Not listed")
    ]
    unlisted = "Not listed: Visier lists at most five uploads of a tenant."
    assert reasons(plan) == [
        *("", "Already excluded.", "Visier does not report its state."),
        *(unlisted, unlisted),
    ]
    assert [read_key(key) for key in plan.eligible["key"]] == [("a", FIRST)]
    assert (plan.count, len(plan.skipped), plan.calls) == (1, 4, 2)
    assert list(of_plan(plan)["after"].unique()) == ["Excluded"]


def test_an_upload_chosen_twice_is_one_item() -> None:
    plan = plan_include_uploads(named(("a", SECOND), ("a", SECOND)), UPLOADS)
    assert plan.count == 1


@pytest.mark.parametrize("chosen", [named(), UPLOADS.iloc[:0]])
def test_nothing_chosen_is_an_empty_plan(chosen: pd.DataFrame) -> None:
    plan = plan_exclude_uploads(chosen, UPLOADS)
    assert (plan.count, plan.calls, plan.batches) == (0, 0, [])


def test_a_plan_is_pure_but_for_its_id() -> None:
    before = UPLOADS.copy()
    one, other = (plan_exclude_uploads(UPLOADS, UPLOADS) for _ in range(2))
    pd.testing.assert_frame_equal(one.items, other.items)
    pd.testing.assert_frame_equal(UPLOADS, before)
    assert one.id != other.id


def test_whole_tenants_are_one_item_each_and_older_uploads_are_warned_of() -> None:
    five = [(f"2026-03-0{day}T03:00:00.000Z", day > 2) for day in range(1, 6)]
    current = listed_uploads(a=five, b=[(FIRST, True)], c=[], d=[(FIRST, False)])

    plan = plan_exclude_all_uploads(["a", "b", "c", "d", "e", "a"], current)

    assert of_plan(plan)["before"].iloc[1] == f"1 of 1 included: ● {FIRST}"
    assert of_plan(plan)["before"].iloc[0].startswith("3 of 5 included: ○ 2026-03-01")
    none = "Visier lists no data uploads of this tenant."
    assert reasons(plan) == ["", "", none, "All listed uploads are already excluded.", none]
    (concern,) = plan.warnings
    assert "older ones" in warning(concern)
    assert list(concern.rows["tenant_code"]) == ["a"]
    assert "at most the latest five" in REGRETS[plan.verb]


FILES = listed_files(
    ("a", "Employee", "e1.csv", True),
    ("a", "Employee", "e2.csv", False),
    ("a", "Absence", "a1.csv", True),
    ("b", "Employee", "e3.csv", False),
)


def test_files_are_chosen_in_exactly_one_way_and_counted_per_tenant() -> None:
    plan = plan_exclude_files(FILES, FileChoice.SOURCES, ["Employee"])

    assert list(of_plan(plan)["before"]) == ["1 of 2 files included", "0 of 1 files included"]
    assert reasons(plan) == ["", "All matching files are already excluded."]
    assert plan.spec.objects([each.key for each in plan.changes if each.skip is None]) == [
        {"tenantCode": "a", "sources": ["Employee"]}
    ]
    preview = chosen_files(FILES, FilesKey(*plan.changes[0].key))
    assert list(preview["filename"]) == ["e1.csv", "e2.csv"]


def test_files_by_identifier_name_each_tenant_its_own() -> None:
    chosen = ["id of e1.csv", "id of e3.csv", "id of nobody"]
    plan = plan_exclude_files(FILES, FileChoice.IDENTIFIERS, chosen)
    assert [read_key(key) for key in plan.items["key"]] == [
        ("a", "fileIdentifiers", ["id of e1.csv"]),
        ("b", "fileIdentifiers", ["id of e3.csv"]),
    ]


def test_too_many_identifiers_of_one_tenant_are_refused() -> None:
    files = listed_files(*(("a", "Employee", f"{n:040}.csv", True) for n in range(30)))
    plan = plan_exclude_files(files, FileChoice.IDENTIFIERS, list(files["identifier"]))
    assert reasons(plan) == ["Too many files for one request for this tenant. Select fewer."]


def test_files_by_name_take_one_pattern() -> None:
    plan = plan_exclude_files(FILES, FileChoice.NAME, [r"^e\d"])
    assert list(of_plan(plan)["what"]) == [r"Files named ^e\d"] * 2
    with pytest.raises(ValueError, match="exactly one name pattern"):
        plan_exclude_files(FILES, FileChoice.NAME, ["a", "b"])


def test_the_latest_version_is_resolved_to_its_number() -> None:
    versions = listed_versions(a=[("9", 1), ("8", 2)], b=[("7", 1), ("6", 3)], c=[])
    chosen = pd.DataFrame(
        {"tenant_code": ["a", "b", "c", "b", "d"], "data_version": [None, "6", None, "5", None]}
    )

    plan = plan_disable_data_versions(chosen, versions, now=NOW, data_category="Sales")

    assert [read_key(key) for key in plan.eligible["key"]] == [
        ("a", "9", "2026-03-09T12:00:00.000Z", "Sales"),
        ("b", "6", "2026-03-07T12:00:00.000Z", "Sales"),
    ]
    assert list(of_plan(plan)["what"]) == [
        *("9 of 2026-03-09 12:00 UTC", "6 of 2026-03-07 12:00 UTC", "", "5", "")
    ]
    assert list(of_plan(plan)["before"]) == [
        *("Latest enabled", "Enabled", "No enabled version", "Not listed", "No enabled version")
    ]
    assert reasons(plan)[2] == "The tenant has no enabled data version."
    assert reasons(plan)[3].startswith("Not listed: Visier lists at most five enabled versions")
    assert plan.spec.objects([each.key for each in plan.changes if each.skip is None])[0] == {
        "tenantCode": "a",
        "dataVersion": "9",
        "dataCategory": "Sales",
    }
    assert "cannot re-enable" in REGRETS[plan.verb]


def test_a_version_named_and_meant_as_the_latest_is_one_item() -> None:
    versions = listed_versions(a=[("9", 1)])
    chosen = pd.DataFrame({"tenant_code": ["a", "a"], "data_version": ["9", None]})
    assert plan_disable_data_versions(chosen, versions, now=NOW).count == 1


def test_warned_is_of_tenants_left_without_a_version_and_of_old_ones_coming_back() -> None:
    five = [(str(number), 10 - number) for number in range(9, 4, -1)]
    versions = listed_versions(
        a=[("9", 1)],
        b=[("9", 1), ("8", 30)],
        c=[("9", 1), ("8", 2)],
        d=five,
        e=[("9", 1), ("8", 9)],
    )
    older = pd.DataFrame({"tenant_code": ["e"], "data_version": ["8"]})
    all_of_d = versions[versions["tenant_code"] == "d"]
    latest = versions[versions["tenant_code"].isin(["a", "b", "c"])].drop_duplicates("tenant_code")

    plan = plan_disable_data_versions(
        pd.concat([latest, all_of_d, older]),
        versions,
        now=NOW,
        fallback_older_than=timedelta(days=7),
    )

    told = {warning(each): list(each.rows["tenant_code"]) for each in plan.warnings}
    assert told == {
        "a would have no enabled data version: readers see nothing.": ["a"],
        "d would lose all five listed data versions. Whether an older one is enabled is unknown.": [
            "d"
        ],
        "b would fall back to a data version older than 7 days.": ["b"],
        "The newer data version 9 of e stays in use: readers see no change, and it may contain the"
        " same uploads.": ["e"],
    }
    assert list(plan.warnings[-2].rows["data_version"]) == ["8"]
    assert list(plan.warnings[-1].rows["stays"]) == ["9"]
    items = plan.items.drop_duplicates("tenant_code").set_index("tenant_code")
    # The latest of e stays; of a and d nothing that is listed would be left.
    assert items["falls_back_to"].dropna().to_dict() == {"b": "8", "c": "8"}
    assert (pd.Timestamp(NOW) - items["falls_back_date"]).dt.days["b"] == 30


def test_of_many_tenants_a_warning_says_how_many() -> None:
    versions = listed_versions(a=[("9", 1), ("8", 2)], b=[("9", 1), ("8", 2)])
    older = versions[versions["data_version"] == "8"]
    (told,) = plan_disable_data_versions(older, versions, now=NOW).warnings
    assert warning(told).startswith("For 2 tenants, a newer data version stays in use: readers")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=1), "older than 1 day."),
        (timedelta(hours=36), "older than 36 hours."),
        (timedelta(days=2000), "older than 2,000 days."),
    ],
)
def test_the_threshold_of_old_versions_is_named(span: timedelta, words: str) -> None:
    versions = listed_versions(a=[("9", 1), ("8", 3000)])
    plan = plan_disable_data_versions(versions.head(1), versions, now=NOW, fallback_older_than=span)
    (concern,) = plan.warnings
    assert warning(concern).endswith(words)


def test_requests_hold_whole_tenants_and_no_more_than_the_api_takes() -> None:
    times = [f"2026-03-0{day}T03:00:00.000Z" for day in range(1, 6)]
    current = listed_uploads(**{f"t{n}": [(text, True) for text in times] for n in range(2500)})

    plan = plan_exclude_uploads(current.sample(frac=1, random_state=7), current)

    assert [len(chunk) for chunk in plan.batches] == [1000] * 12 + [500]
    tenants = [{item.key[0] for item in chunk} for chunk in plan.batches]
    assert sum(map(len, tenants)) == len(set().union(*tenants)) == 2500
    assert plan.calls == 13 + 13


def test_few_tenants_far_apart_are_read_one_by_one() -> None:
    current = listed_uploads(**{f"t{n}": [(FIRST, True)] for n in range(3000)})
    assert plan_exclude_uploads(current.iloc[[0, 2999]], current).calls == 1 + 2
    assert plan_exclude_uploads(current.iloc[[0, 1, 2, 2999]], current).calls == 1 + 2
    assert plan_exclude_uploads(current.iloc[[0, 1, 2]], current).calls == 1 + 1


@pytest.mark.parametrize(
    ("calls", "budget", "seconds"),
    [
        (10, Budget(None, None, None, None, 0.0), 5),
        (10, Budget(None, None, None, None, 30.0), 35),
        (10, Budget(100, 100, 6000, 6000, 0.0), 5),
        (160, Budget(100, 100, 6000, 6000, 0.0), 80),
        (160, Budget(100, 20, 6000, 6000, 0.0), 120),
    ],
)
def test_time_is_estimated_by_the_budget(calls: int, budget: Budget, seconds: float) -> None:
    assert seconds_for(calls, budget) == pytest.approx(seconds)

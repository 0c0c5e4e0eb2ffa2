"""Metric values of what was loaded in a night: of its version, and of few metrics."""

import pandas as pd

from services.frames import metric_values
from services.monitoring.watch import NIGHT_SCHEMA
from services.monitoring.watch.measured import METRICS_AT_MOST, of_night, read, texts
from services.monitoring.watch.night import carried_on, empty_rows


def values(code: str, version: str, *metrics: tuple[str, float | None]) -> dict[str, object]:
    return {
        "tenantCode": code,
        "dataVersion": version,
        "metrics": [
            {"symbolName": name, "displayName": name.title(), "value": value}
            for name, value in metrics
        ],
    }


def known(*tenants: dict[str, object]) -> pd.DataFrame:
    return texts(metric_values.to_frame([{"tenants": list(tenants)}]))


def night(**versions: str | None) -> pd.DataFrame:
    """Give a night in which each tenant loaded this version, or nothing."""
    rows = empty_rows().reindex(range(len(versions)))
    at = pd.Timestamp("2026-11-30T03:00Z").as_unit("ms")
    loaded = pd.Series([None if each is None else at for each in versions.values()])
    return rows.assign(
        tenant_code=pd.Series(list(versions), dtype="str"),
        data_version=pd.Series(["1" if each is None else each for each in versions.values()]),
        loaded_at=pd.to_datetime(loaded, utc=True).dt.as_unit("ms"),
    )


def test_values_are_those_of_the_version_that_was_loaded() -> None:
    found = known(
        values("a", "2", ("headcount", 120), ("exits", 3.5)),
        # Of the version before, of one that was not loaded in this night, and of none.
        values("b", "1", ("headcount", 7)),
        values("c", "1", ("headcount", 8)),
        values("d", "", ("headcount", None)),
    )
    rows = night(a="2", b="2", c=None, d="2")
    assert [dict(read(text)) for text in of_night(rows, found)] == [
        {"Headcount": 120.0, "Exits": 3.5},
        {},
        {},
        {},
    ]
    assert of_night(rows, None).isna().all()


def test_of_many_metrics_the_first_are_kept() -> None:
    many = [(f"m{number}", float(number)) for number in range(9)]
    assert len(read(known(values("a", "1", *many))["metrics"].iloc[0])) == METRICS_AT_MOST


def test_without_any_value_there_is_no_text() -> None:
    assert known().empty
    assert known(values("a", "1")).empty
    assert list(known().columns) == ["tenant_code", "data_version", "metrics"]


def test_values_stay_known_while_the_version_is_the_same() -> None:
    found = known(values("a", "2", ("headcount", 120)), values("b", "2", ("headcount", 7)))
    before = night(a="2", b="2")
    before = before.assign(metrics=of_night(before, found))
    later = night(a="2", b="3")
    merged = carried_on(*(_with_counts(each) for each in (before, later)), with_jobs=True)
    assert merged["metrics"].notna().tolist() == [True, False]


def _with_counts(rows: pd.DataFrame) -> pd.DataFrame:
    counts = [name for name, kind in NIGHT_SCHEMA.items() if kind == "int32"]
    return rows.assign(**dict.fromkeys(counts, 0), is_stuck=False, is_late=False)

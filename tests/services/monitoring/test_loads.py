"""Which versions brought new data, and from what the next one is due."""

from datetime import timedelta

import pandas as pd
import pytest

from services.frames import data_versions
from services.monitoring.loads import loaded_at, reprocessed
from services.monitoring.rhythm import Rhythm, rhythms, statuses
from tests.services.monitoring.deliveries.listings import NOW, absent, uploaded, versions

HOUR = 60.0
DAY = 24 * HOUR
NIGHTS = [36 * HOUR + DAY * night for night in range(4)]


def made(*minutes_ago: float) -> pd.DataFrame:
    return versions({"a": [(str(number), when) for number, when in enumerate(minutes_ago)]})


def hours_ago(found: "pd.Series[pd.Timestamp]") -> list[float | None]:
    spans = (pd.Timestamp(NOW) - found) / pd.Timedelta(hours=1)
    return [None if pd.isna(span) else round(span, 1) for span in spans]


def test_a_version_brought_what_came_since_the_one_before_or_nothing() -> None:
    came = uploaded({"a": [300, 100], "b": [200]})
    listed = versions({"a": [("3", 30), ("2", 90), ("1", 290)], "b": [("1", 100)]})
    assert hours_ago(loaded_at(listed, came)) == [None, 1.5, 4.8, 1.7]


def test_what_was_made_more_than_a_day_after_its_upload_counts_from_that() -> None:
    # The version that was made of it at once has been disabled: it is not listed any more.
    assert hours_ago(loaded_at(made(60, 8 * DAY), uploaded({"a": [3 * DAY, 8 * DAY + 30]}))) == [
        72.0,
        192.0,
    ]


def test_an_excluded_upload_is_new_data_for_what_was_made_of_it_and_for_nothing_later() -> None:
    came = uploaded({"a": [DAY, 100]}, excluded=[("a", 100)])
    before = DAY - 20
    assert hours_ago(loaded_at(made(80, before), came)) == [1.3, 23.7]
    assert hours_ago(loaded_at(made(30, before), came)) == [None, 23.7]
    out = absent((10, None), upload=1)
    assert hours_ago(loaded_at(made(30, before), came, absences=out)) == [0.5, 23.7]
    assert hours_ago(loaded_at(made(5, 30, before), came, absences=out)) == [None, 0.5, 23.7]


def test_an_upload_that_is_included_again_is_new_data_once_more() -> None:
    came = uploaded({"a": [DAY, 100]})
    out = absent((70, 20), upload=1)
    # Made of it; while it was out, of what came before it; and of it again.
    listed = made(10, 40, 80, DAY - 20)
    assert hours_ago(loaded_at(listed, came, absences=out)) == [0.2, None, 1.3, 23.7]
    assert hours_ago(loaded_at(listed, came)) == [None, None, 1.3, 23.7]


def test_what_the_listed_uploads_cannot_tell_counts_as_new() -> None:
    assert hours_ago(loaded_at(made(30, 900, 950), uploaded({"a": [100]}))) == [0.5, 15.0, 15.8]
    assert hours_ago(loaded_at(made(30, 900), uploaded({"b": [100]}))) == [0.5, 15.0]
    # The list of uploads was read before the version was made: an upload may have come since.
    read_until = pd.Timestamp(NOW) - timedelta(minutes=60)
    came = uploaded({"a": [1000]})
    assert hours_ago(loaded_at(made(30, 900), came)) == [None, 15.0]
    assert hours_ago(loaded_at(made(30, 900), came, read_until=read_until)) == [0.5, 15.0]


def test_odd_and_missing_dates_stay_missing_and_cost_nobody_else_anything() -> None:
    listed = pd.concat([made(), versions({"b": []}), made(30)], ignore_index=True)
    assert hours_ago(loaded_at(listed, uploaded({}))) == [None, None, 0.5]
    assert loaded_at(versions({}), uploaded({})).empty
    assert loaded_at(versions({}), uploaded({})).dtype == "datetime64[ms, UTC]"


@pytest.mark.parametrize(
    ("is_read", "found"), [(False, Rhythm.ON_TIME), (True, Rhythm.OVERDUE)], ids=["unread", "read"]
)
def test_who_was_reprocessed_is_as_overdue_as_before(is_read: bool, found: Rhythm) -> None:
    # The last load did not come; an hour ago the older uploads were processed again.
    listed = made(60, *(each - 20 for each in NIGHTS))
    at = loaded_at(listed, uploaded({"a": NIGHTS})) if is_read else None
    tenants = data_versions.latest(listed).join(rhythms(listed, at), on="tenant_code")
    assert list(statuses(tenants, NOW)) == [found]


def held(versions: pd.DataFrame, came: pd.DataFrame, **told: pd.DataFrame) -> set[str]:
    """Return which uploads the reprocessed versions hold, `number<hours ago`."""
    pairs = reprocessed(versions.assign(loaded_at=loaded_at(versions, came)), came, **told)
    numbers = versions["data_version"].loc[pairs["version"]]
    times = hours_ago(came["upload_time"].loc[pairs["upload"]])
    return {f"{number}<{time}" for number, time in zip(numbers, times, strict=True)}


def test_a_reprocessed_version_was_made_of_every_upload_included_by_then() -> None:
    came = uploaded({"a": [3000, 1500, 1400, 20]}, excluded=[("a", 1400)])
    listed = versions({"a": [("4", 10), ("3", 60), ("2", 1390), ("1", 2990)]})
    assert held(listed, came) == {"3<50.0", "3<25.0"}
    late = absent((30, None), upload=2)
    assert held(listed, came, absences=late) == {"3<50.0", "3<25.0", "3<23.3"}
    # What was out while it was made is not in it, though it is included again.
    again = absent((2000, 20), upload=0)
    assert held(listed, came, absences=again) == {"3<25.0"}
    assert not held(made(10, 2990), came)

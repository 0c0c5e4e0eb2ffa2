import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.frames.answers import column
from services.frames.schema import Values, time

READ = {
    "2019-10-02T20:35:21.420Z": "2019-10-02T20:35:21.420",
    "2019-10-02T20:35:21Z": "2019-10-02T20:35:21",
    "2019-10-02T20:35:21.420": "2019-10-02T20:35:21.420",
    "2019-10-02T20:35:21.420987Z": "2019-10-02T20:35:21.420",
    "2019-10-02T20:35:21.420+02:00": "2019-10-02T18:35:21.420",
    "2019-10-02T20:35:21-0730": "2019-10-03T04:05:21",
    "2019-10-02 20:35": "2019-10-02T20:35:00",
    "2019-10-02": "2019-10-02T00:00:00",
    " 2019-10-02t20:35:21z ": "2019-10-02T20:35:21",
    "1639382400000": "2021-12-13T08:00:00",
    1639382400000: "2021-12-13T08:00:00",
    1639382400999.0: "2021-12-13T08:00:00.999",
    "-1000": "1969-12-31T23:59:59",
}
UNREADABLE: list[object] = [
    *(None, "", "soon", "2019-13-45T00:00:00Z", "0000-01-01T00:00:00Z", True, [], {}),
    *(
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-05:00",
        "9" * 30,
        1e300,
        float("nan"),
        "2019-10-02T20:35:21.420+25:00",
    ),
]


def parsed(*raw: object) -> "pd.Series[pd.Timestamp]":
    return pd.Series(time(Values(list(raw))))


@pytest.mark.parametrize(("written", "meant"), READ.items())
def test_each_notation_is_read_as_utc(written: object, meant: str) -> None:
    assert parsed(written)[0] == pd.Timestamp(meant, tz="UTC")


@pytest.mark.parametrize("written", UNREADABLE, ids=repr)
def test_what_is_no_time_is_nat(written: object) -> None:
    assert parsed(written).isna().all()
    assert parsed(written).dtype == "datetime64[ms, UTC]"


def test_a_column_of_normal_times_and_odd_ones_reads_each_as_if_alone() -> None:
    written = [*READ, *UNREADABLE]
    alone = pd.concat([parsed(one) for one in written], ignore_index=True)
    pd.testing.assert_series_equal(parsed(*written), alone)


@given(st.lists(st.datetimes(timezones=st.just(pd.Timestamp("2000", tz="UTC").tzinfo))))
def test_any_moment_survives_to_the_millisecond(moments: list[pd.Timestamp]) -> None:
    written = [moment.isoformat(timespec="milliseconds") for moment in moments]
    expected = [pd.Timestamp(text).as_unit("ms") for text in written]
    assert list(parsed(*written)) == expected


def test_no_values_give_the_same_dtype() -> None:
    assert parsed().dtype == "datetime64[ms, UTC]"
    assert column([], ("startTime",)) == []

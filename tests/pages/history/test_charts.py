"""The pictures of nights: what each cell shows, says and leads to."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from dashboard.components import night_states
from dashboard.components.charts import nights as nights_chart
from dashboard.wording import NIGHT_STATES
from pages.history import charts
from services.monitoring.watch import NightState
from services.monitoring.watch.states import STATES

NIGHTS = [date(2026, 11, 28) + timedelta(days=days) for days in range(3)]
LOADED, FAILED, LATE, NOTHING, UNKNOWN = (
    STATES.index(each)
    for each in (
        NightState.LOADED,
        NightState.FAILED,
        NightState.LATE,
        NightState.NOTHING_CAME,
        NightState.NOT_OBSERVED,
    )
)


def of_codes(*codes: str) -> pd.DataFrame:
    return pd.DataFrame({"tenant_code": codes, "tenant_name": ["<b>Ann</b>", *codes[1:]]})


def of_each(grid: np.ndarray) -> np.ndarray:
    return np.stack([np.bincount(each, minlength=len(STATES)) for each in grid.T], axis=1)


def test_a_cell_is_a_tenant_in_a_night() -> None:
    grid = np.array([[LOADED, FAILED, NOTHING], [UNKNOWN, LATE, LOADED]], np.int8)
    heat, points, *marks = charts.tenants(of_codes("a", "b"), grid, NIGHTS).data
    assert heat.z.tolist() == grid.tolist()
    assert points.customdata.tolist()[1] == ["2026-11-29", "a", "failed"]
    assert points.customdata.tolist()[3] == ["2026-11-28", "b", "not_observed"]
    assert points.text[0].endswith("Night to Sat 28 Nov 2026<br>Loaded")
    assert "<b>" not in points.text[0].replace("<br>", "")
    # What is not observed has a mark and no colour, as nothing that is good has.
    assert night_states.FACES[NightState.NOT_OBSERVED][0].endswith(",0)")
    assert {trace.marker.symbol for trace in marks} == {"x-thin", "triangle-up", "line-ne"}


def test_tenants_that_went_alike_lie_together_and_the_worst_of_a_tenth_is_shown() -> None:
    grid = np.full((100, 3), NOTHING, np.int8)
    grid[::2, 2] = LOADED
    grid[1::10, 1] = FAILED
    grid[0, 0] = LATE
    figure = charts.bands(grid, NIGHTS, of_each(grid), rows=4)
    heat, points = figure.data[:2]
    shown = heat.z.astype(int)
    # The newest night divides them first: loaded above, nothing came below, or the reverse.
    assert sorted(shown[:, 2].tolist()) == [LOADED, LOADED, NOTHING, NOTHING]
    assert (shown[:, 1] == FAILED).sum() == 1
    # One of 25 is no tenth.
    assert LATE not in shown
    failed = points.customdata.tolist()[int(np.flatnonzero(shown.ravel() == FAILED)[0])]
    assert failed == ["2026-11-29", "", "failed"]
    text = points.text[int(np.flatnonzero(shown.ravel() == FAILED)[0])]
    assert "10 Failed" in text
    assert text.endswith("Click: 10 tenants of that night: Failed")


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_face_and_words(state: NightState) -> None:
    assert NIGHT_STATES[state] in night_states.LEGEND
    assert state in night_states.FACES


def test_a_night_that_was_not_observed_is_no_bar_of_loads() -> None:
    grid = np.array([[LOADED, UNKNOWN], [LATE, UNKNOWN], [NOTHING, UNKNOWN]], np.int8)
    bars = {bar.name: list(bar.y) for bar in nights_chart.counts(grid, NIGHTS[:2]).data}
    assert bars == {
        "Loaded": [1, 0],
        "Late": [1, 0],
        "Failed": [0, 0],
        "Excluded": [0, 0],
        "Not observed": [0, 3],
    }


def test_a_strip_of_one_tenant_leads_to_each_of_its_nights() -> None:
    grid = np.array([[LOADED, LATE, UNKNOWN]], np.int8)
    points = nights_chart.of_tenant(grid, NIGHTS, "a", on_dark=True).data[1]
    assert [row[0] for row in points.customdata] == [each.isoformat() for each in NIGHTS]
    assert [text.rpartition("<br>")[2] for text in points.text] == [
        "Loaded",
        "Late",
        "Not observed",
    ]

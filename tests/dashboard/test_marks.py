"""No two states that stand together look alike: in grey, to other eyes, in either theme."""

import tomllib
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest

from dashboard.components import states
from dashboard.components.charts import layout
from dashboard.components.job_states import COLORS, STATES, SYMBOLS, Color
from pages.deliveries import charts as deliveries
from services.frames import FAILURES, Status
from tests.dashboard.colours import EYES, contrast, difference, rgb

# Clearly another colour, where 2.3 is just noticeable.
APART = 10
WENT_WRONG: tuple[Color, ...] = ("red", "violet")
WENT_WELL: tuple[Color, ...] = ("green", "blue", "orange", "gray")
CONFIGURED = tomllib.loads(Path("dashboard/.streamlit/config.toml").read_text("utf-8"))["theme"]
LIGHT, DARK = (CONFIGURED[theme]["backgroundColor"] for theme in ("light", "dark"))
SCALES = {
    "count on white": (layout.COUNT_SCALE, LIGHT),
    "count on dark": (layout.COUNT_SCALE_ON_DARK, DARK),
    "share on white": (layout.SHARE_SCALE, LIGHT),
    "share on dark": (layout.SHARE_SCALE_ON_DARK, DARK),
}


def seen(color: Color) -> "np.typing.NDArray[np.floating]":
    return np.array(COLORS[color]) / 255


def test_every_state_has_a_mark_and_a_symbol_of_its_own() -> None:
    assert len({mark for mark, _ in STATES.values()}) == len(STATES)
    assert SYMBOLS.keys() == STATES.keys()
    assert len(set(SYMBOLS.values())) == len(STATES)
    # Those of other things in the same picture.
    assert "diamond" not in SYMBOLS.values()


def test_every_part_of_a_bar_has_a_shape_of_its_own() -> None:
    assert states.SHAPES.keys() == COLORS.keys()
    assert len(set(states.SHAPES.values())) == len(COLORS)
    tallest = max(height for height, _ in states.SHAPES.values())
    assert states.SHAPES["red"] == (tallest, False)


@pytest.mark.parametrize("eyes", EYES)
def test_no_two_colours_of_states_are_alike_to_any_eyes(eyes: str) -> None:
    for one, other in combinations(COLORS, 2):
        assert difference(seen(one), seen(other), eyes) >= APART, (one, other)


def test_what_went_wrong_is_darker_in_grey_than_what_went_well() -> None:
    assert {STATES[state][1] for state in FAILURES} <= {*WENT_WRONG, "orange"}
    assert STATES[Status.SUCCEEDED][1] in WENT_WELL
    for wrong in WENT_WRONG:
        for well in WENT_WELL:
            assert contrast(seen(wrong), seen(well)) >= 1.5
            assert seen(wrong) @ [0.2126, 0.7152, 0.0722] < seen(well) @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("page", [LIGHT, DARK])
def test_every_colour_of_a_mark_stands_out_from_either_page(page: str) -> None:
    of_charts = [rgb(each) for each in (layout.BLUE, layout.ORANGE, layout.GREY, layout.UNUSUAL)]
    for color in [*map(seen, COLORS), *of_charts]:
        assert contrast(color, rgb(page)) >= 3


def test_the_bars_of_deliveries_differ_in_their_strokes() -> None:
    assert len(set(deliveries.STROKES.values())) == len(deliveries.STROKES) == 4


@pytest.mark.parametrize(("scale", "page"), SCALES.values(), ids=SCALES)
def test_the_more_there_are_the_further_a_cell_stands_out_from_its_page(
    scale: tuple[tuple[float, str], ...], page: str
) -> None:
    few, many = (rgb(color) for _, color in scale[1:])
    steps = [contrast(each, rgb(page)) for each in np.linspace(few, many, 20)]
    assert all(one < other for one, other in pairwise(steps))
    assert steps[-1] > 1.5 * steps[0]


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("scale", [layout.SHARE_SCALE, layout.SHARE_SCALE_ON_DARK])
def test_none_does_not_look_like_few_or_all(
    scale: tuple[tuple[float, str], ...], eyes: str
) -> None:
    none, few, every = (rgb(color) for _, color in scale)
    assert difference(none, few, eyes) >= APART
    assert difference(none, every, eyes) >= APART

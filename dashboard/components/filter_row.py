"""The filter row of a page: what is asked most, chips of what else is filtered, *Add filter*.

Then *Views*, which `view_menu.py` draws once the page has drawn its filters.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import access, page_notes
from dashboard.components import filters, formats
from dashboard.navigation import Screen

# A pasted text is read in its field.
_LETTERS_OF_A_CHIP = 24


@dataclass(frozen=True, slots=True)
class Chip:
    """How one filter is named on its chip: `words` has the words of its tokens."""

    label: str
    words: Mapping[str, str] = field(default_factory=dict)

    def text(self, value: object) -> str:
        """Return the filter with its value, as people read it: `State: Failed, Running`."""
        values = value if isinstance(value, list) else [value]
        return f"{self.label}: {', '.join(map(self._word, values))}"

    def _word(self, value: object) -> str:
        if isinstance(value, datetime):
            return f"{value:%d %b %H:%M}"
        word = self.words.get(str(value), str(value))
        return word if len(word) <= _LETTERS_OF_A_CHIP else f"{word[:_LETTERS_OF_A_CHIP]}…"


@dataclass(frozen=True, slots=True)
class FilterRow:
    """The places of a filter row, each drawn into once it is known what stands there."""

    first: DeltaGenerator
    chips: DeltaGenerator
    rest: DeltaGenerator
    end: DeltaGenerator

    @contextmanager
    def more(self) -> Iterator[None]:
        """Draw filters into *Add filter*: they count, and follow the link, while it is closed."""
        with self.rest:
            yield

    def draw_chips(self, chips: Mapping[str, Chip], unfiltered: Mapping[str, object]) -> None:
        """Draw a chip for each of these filters that is in force; a click takes it out."""
        with self.chips:
            for key, chip in chips.items():
                value = st.session_state.get(key)
                if value not in (None, "", [], unfiltered[key]):
                    st.button(
                        formats.literal(chip.text(value)),
                        key=f"{key}.chip",
                        icon=":material/close:",
                        type="tertiary",
                        help="Remove this filter",
                        on_click=filters.put,
                        args=(key, unfiltered[key], ""),
                    )


def row(screen: Screen, parameters: Collection[str]) -> FilterRow:
    """Return the row: fields side by side, which wrap where the page is narrow.

    `parameters` is what the address calls the filters that a saved view keeps.
    """
    _fold()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="filters"):
        first = _side_by_side()
        chips = _side_by_side()
        # Not a popover: what it holds is no part of the page while it is closed, and a link to the
        # screen one is on would leave its filters out of the address. The style sheet makes it one.
        rest = st.expander(
            "Add filter", icon=":material/filter_list:", key="over-filters", width=150
        )
        offer_views(screen, parameters)
        end = st.container(horizontal=True, horizontal_alignment="right")
    return FilterRow(first, chips, rest, end)


def offer_views(screen: Screen, parameters: Collection[str]) -> None:
    """Keep the place for *Views*; `parameters` is what the address calls the filters it saves."""
    place = st.container(width="content")
    page_notes.of_page().filters = page_notes.Filters(screen, parameters, place)


@st.fragment(key="filters.fold")
@access.while_it_holds
def _fold() -> None:
    """Draw what unfolds the filters on a phone; the style sheet shows it, and folds them, there.

    A fragment: nothing but what is seen depends on it.
    """
    st.toggle("Filters", key="unfold_filters")


def _side_by_side() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content")

"""What a page has noted while it was drawn, until the next one begins."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from streamlit.delta_generator import DeltaGenerator

from dashboard import session
from dashboard.navigation import Screen
from services.visier import SharedList


class Without(NamedTuple):
    """A list no page depends on, and how many of its pages there were when the page read it."""

    listed: SharedList[Any, Any]
    pages: int

    @property
    def has_news(self) -> bool:
        """Whether it is worth drawing the page anew: as soon as it ends, before that now and then.

        A list of 50 pages is so drawn six times.
        """
        pages = self.listed.progress.pages
        return pages >= max(1, 2 * self.pages) if self.listed.is_under_way else pages > self.pages


@dataclass(frozen=True, slots=True)
class Filters:
    """Whose filters a page has drawn, their parameters in the address, and the place for views."""

    screen: Screen
    parameters: Collection[str]
    place: DeltaGenerator


@dataclass
class PageNotes:
    """The lists a page has read, those it goes on without by name, and the chains it has drawn.

    ``ignored`` has by the label of a filter what its link names in vain.

    ``place`` is where notes are to stand, until they are drawn; so is that of ``filters``.
    """

    place: DeltaGenerator | None = None
    lists: list[SharedList[Any, Any]] = field(default_factory=list)
    without: dict[str, Without] = field(default_factory=dict)
    chains: set[str] = field(default_factory=set)
    ignored: dict[str, list[str]] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    filters: Filters | None = None

    def begin(self, place: DeltaGenerator) -> None:
        """Begin a page without notes."""
        self.place, self.filters = place, None
        for noted in (self.lists, self.without, self.chains, self.ignored, self.sentences):
            noted.clear()

    def note_list(self, listed: SharedList[Any, Any]) -> None:
        """Note that the page has read a list, which may go on being read in the background."""
        if listed not in self.lists:
            self.lists.append(listed)

    def note_ignored(self, label: str, values: list[str]) -> None:
        """Note what the link names for a filter that it does not know."""
        if values:
            self.ignored[label] = values


def of_page() -> PageNotes:
    """Return the notes of the page that is being drawn."""
    return session.own(PageNotes)

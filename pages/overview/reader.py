"""Reading what the overview shows, part by part, and what stands where something was not read."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from streamlit.delta_generator import DeltaGenerator

from dashboard import data
from dashboard.components import errors, page, tenants
from dashboard.connection import Connection
from pages.overview.places import Part

T = TypeVar("T")
NOT_READ = ":material/question_mark: Unknown: this could not be read."


class Reader:
    """What reads the parts in turn, until something keeps everything from being read."""

    def __init__(self, trouble: DeltaGenerator) -> None:
        self._trouble = trouble
        self._is_kept_out = False

    def read(self, part: Part, name: str, load: Callable[[], T], height: int) -> T | None:
        """Return what is read, or show in its place why it cannot be."""
        if not self._is_kept_out:
            try:
                with part.body, errors.part(name), page.loading(height):
                    return load()
            except errors.OF_EVERY_READ as error:
                self._tell(error)
        if self._is_kept_out:
            part.body.caption(NOT_READ)
        return None

    def names(self, connection: Connection, codes: Sequence[str], of: int) -> data.TenantDirectory:
        """Return these among so many tenants by name: nobody, where not even that can be read."""
        if not self._is_kept_out:
            try:
                return tenants.of_some(connection, codes, of)
            except errors.KNOWN as error:
                self._tell(error)
        return data.NOBODY

    def _tell(self, error: Exception) -> None:
        self._is_kept_out = True
        with self._trouble:
            errors.show(error)

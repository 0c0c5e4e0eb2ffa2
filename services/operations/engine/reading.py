"""Reading the present state of items by the fewest calls."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from services.frames import leaving_out
from services.frames.membership import is_among
from services.visier import PAGE_SIZE, Client, NotFound, NotPermitted, Refused

from .changes import Key, Query
from .verb_spec import Source, VerbSpec

# Up to so many tenants a call for each costs no more than a few pages of the whole list.
FEW = 5
# These concern the tenant that was asked for: the others can still be read.
_OF_ONE_TENANT = (NotFound, NotPermitted, Refused)


def count_reads(
    source: Source, codes: Collection[str], places: Mapping[str, int], query: Query
) -> int:
    """Return how many calls it takes to read these tenants, as far as that is known before."""
    if source.tenant is None:
        return source.calls(query)
    return len(_pages(source, codes, places) or codes)


def _pages(source: Source, codes: Collection[str], places: Mapping[str, int]) -> list[int]:
    """Return the pages that list these tenants; none when a call for each is cheaper."""
    if source.page is None or any(code not in places for code in codes):
        return []
    pages = sorted({places[code] // PAGE_SIZE for code in codes})
    return pages if len(pages) < len(codes) else []


class Reader:
    """Reads the present state of items, and updates the positions of tenants in the list.

    `places` are the positions of tenants in the list of all; tenants that have moved are found.
    `refusals` collects Visier's words about tenants that could not be read, `left_out` the tenants
    that the latest answer should have listed and did not.
    """

    def __init__(
        self,
        spec: VerbSpec[Any, Any],
        client: Client,
        query: Query,
        places: Mapping[str, int],
    ) -> None:
        self.spec = spec
        self._client = client
        self._query = query
        self.places = dict(places)
        self.refusals: dict[str, str] = {}
        self.left_out: set[str] = set()

    def states(self, keys: Sequence[Key], *, wholly: bool = False) -> dict[Key, Any]:
        """Return the states of items, as far as they can be read.

        `wholly` also reads what is older than the latest of a tenant. Raises the errors of reading.
        """
        spec = self.spec
        if spec.deeper and spec.whole_tenant:
            return self._states_from(spec.deeper if wholly else spec.source, keys)
        found = self._states_from(spec.source, keys)
        missing = [key for key in keys if key not in found]
        return found | self._states_from(spec.deeper, missing) if spec.deeper and missing else found

    def current(self, keys: Sequence[Key]) -> Iterator[pd.DataFrame]:
        """Yield the rows of these items' tenants in the list, a frame per page.

        Raises the errors of reading.
        """
        for query, own in self._by_query(keys):
            with leaving_out():
                yield from self._frames(self.spec.source, {key[0] for key in own}, query)

    def _by_query(self, keys: Sequence[Key]) -> Iterator[tuple[Query, list[Key]]]:
        asked: dict[tuple[tuple[str, str], ...], list[Key]] = {}
        for key in keys:
            query = {**self._query, **self.spec.query(key)}
            asked.setdefault(tuple(query.items()), []).append(key)
        yield from ((dict(items), own) for items, own in asked.items())

    def _states_from(self, source: Source, keys: Sequence[Key]) -> dict[Key, Any]:
        found: dict[Key, Any] = {}
        for query, own in self._by_query(keys):
            codes = {key[0] for key in own}
            # A tenant that cannot be read has no rows; all others have.
            with leaving_out():
                frames = [source.to_frame([]), *self._frames(source, codes, query)]
            frame = pd.concat(frames, ignore_index=True)
            if source.page is not None:
                self.left_out = (self.left_out | codes) - set(frame["tenant_code"])
            found |= self.spec.states(frame, own)
        return found

    def _frames(
        self, source: Source, codes: Collection[str], query: Query
    ) -> Iterator[pd.DataFrame]:
        """Yield frames that have each tenant once, from some pages where that is cheaper.

        Tenants that have moved in the list are read one by one, or from the whole list.
        """
        if source.tenant is None and source.every is not None:
            yield source.to_frame(source.every(self._client, query))
            return
        missing = set(codes)
        for frame in self._listed(source, codes, query):
            yield frame[is_among(frame["tenant_code"], missing)]
            missing -= set(frame["tenant_code"])
        if len(missing) > FEW and source.every is not None:
            for frame in self._whole_list(source, query):
                yield frame[is_among(frame["tenant_code"], missing)]
                missing -= set(frame["tenant_code"])
                if not missing:
                    return
            return
        for code in sorted(missing):
            yield from self._alone(source, code, query)

    def _listed(
        self, source: Source, codes: Collection[str], query: Query
    ) -> Iterator[pd.DataFrame]:
        for page in _pages(source, codes, self.places):
            if source.page is not None:
                yield source.to_frame([source.page(self._client, page * PAGE_SIZE, query)])

    def _whole_list(self, source: Source, query: Query) -> Iterator[pd.DataFrame]:
        place = 0
        for payload in source.every(self._client, query) if source.every else ():
            frame = source.to_frame([payload])
            codes = frame["tenant_code"].unique()
            self.places.update(zip(codes, range(place, place + len(codes)), strict=True))
            place += len(codes)
            yield frame

    def _alone(self, source: Source, code: str, query: Query) -> Iterator[pd.DataFrame]:
        if source.tenant is None:
            return
        try:
            frame = source.to_frame(source.tenant(self._client, code, query))
        except _OF_ONE_TENANT as refusal:
            self.refusals[code] = refusal.message
        else:
            yield frame[frame["tenant_code"] == code]

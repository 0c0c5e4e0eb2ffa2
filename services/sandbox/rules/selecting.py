"""Selecting the uploads and files of an include or exclude, and setting their flags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.sandbox.models.tenants import ALL_FILES
from services.sandbox.rules.files import SOURCES, File, source_files

if TYPE_CHECKING:
    from services.sandbox.models.tenants import Tenant, Upload

EVERY_BIT = (1 << len(SOURCES)) - 1


@dataclass(frozen=True, slots=True)
class Selection:
    """The selection of one item of an include or exclude.

    Times take precedence over `everything`; a range, sources, a pattern and identifiers all have to
    match.
    """

    everything: bool = False
    times: tuple[str, ...] = ()
    earliest: str = ""
    latest: str = ""
    sources: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    identifiers: frozenset[str] = frozenset()

    @property
    def by_file(self) -> bool:
        """Whether it selects single files and not whole uploads."""
        return bool(self.sources or self.pattern or self.identifiers)

    @property
    def empty(self) -> bool:
        """Whether it selects nothing."""
        return not (self.everything or self.times or self.earliest or self.latest or self.by_file)

    def uploads(self, tenant: Tenant) -> list[Upload]:
        """Return the tenant's uploads of these times, or in this range."""
        if self.times:
            wanted = set(self.times)
            return [upload for upload in tenant.uploads if upload.time in wanted]
        return [
            upload
            for upload in tenant.uploads
            if (not self.earliest or upload.time >= self.earliest)
            and (not self.latest or upload.time <= self.latest)
        ]

    def missing(self, tenant: Tenant) -> list[str]:
        """Return the times that name no upload of the tenant."""
        known = {upload.time for upload in tenant.uploads}
        return [time for time in self.times if time not in known]

    def bits(self, tenant: Tenant, upload: Upload) -> int:
        """Return the bits of the selected files of an upload; 0 for none."""
        if not self.by_file:
            return EVERY_BIT
        return sum(file.bit for file in source_files(tenant, upload) if self._means(file))

    def _means(self, file: File) -> bool:
        return (
            (not self.sources or file.source in self.sources)
            and (self.pattern is None or self.pattern.search(file.name) is not None)
            and (not self.identifiers or file.identifier in self.identifiers)
        )


def set_flags(upload: Upload, bits: int, *, included: bool) -> None:
    """Include or exclude some files of an upload."""
    present = upload.flags & EVERY_BIT
    changed = present | bits if included else present & ~bits
    # One value for all files, whatever their number.
    upload.flags = ALL_FILES if changed == EVERY_BIT else changed

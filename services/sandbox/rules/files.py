"""The files of a data upload, which are computed from the upload and not stored.

An upload has one file per source, with its bit of `Upload.flags` set while it is included, and a
receipt without a source.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.sandbox.models.tenants import Tenant, Upload

SOURCES = {
    "Employee": "2d1f7c3a-4f0e-4b66-9c1a-0e5b8a7d1101",
    "Compensation": "2d1f7c3a-4f0e-4b66-9c1a-0e5b8a7d1102",
    "Absence": "2d1f7c3a-4f0e-4b66-9c1a-0e5b8a7d1103",
}
NO_SOURCE = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class File:
    """One file of an upload; `bit` is its bit in the upload's flags, 0 without a source."""

    tenant: Tenant
    upload: Upload
    name: str
    source: str
    bit: int

    @property
    def identifier(self) -> str:
        """The id of the file, computed from its name and its upload."""
        key = f"{self.tenant.code} {self.upload.time} {self.name}".encode()
        # In the form of a UUID, as Visier's identifiers have it.
        digits = blake2b(key, digest_size=16).hexdigest()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    @property
    def included(self) -> bool:
        """Whether the file takes part in the next data version."""
        return bool(self.upload.flags & self.bit)


def content(file: File) -> str:
    """Return the content of a file: invented rows, the same every time."""
    rows = (f"{file.tenant.code}-{number:03},{file.upload.time[:10]}" for number in range(1, 26))
    return "\n".join([f"{file.source}_ID,Date", *rows, ""])


def source_files(tenant: Tenant, upload: Upload) -> Iterator[File]:
    """Yield the files of an upload that have a source; faulty ones are named as re-runs."""
    day = upload.time[:10].replace("-", "")
    ending = f"{day}_rerun.csv" if upload.faulty else f"{day}.csv"
    if upload.named_for:
        ending = f"{upload.named_for}_{ending}"
    for place, source in enumerate(SOURCES):
        yield File(tenant, upload, f"{source}_{ending}", source, 1 << place)


def all_files(tenant: Tenant, upload: Upload) -> Iterator[File]:
    """Yield all files of an upload, including the receipt."""
    yield from source_files(tenant, upload)
    day = upload.time[:10].replace("-", "")
    yield File(tenant, upload, f"receipt_{day}.txt", "", 0)

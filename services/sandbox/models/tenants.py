from __future__ import annotations

from dataclasses import dataclass, field

# Every bit set, of however many files there are.
ALL_FILES = -1


@dataclass(frozen=True, slots=True)
class Category:
    """A data category: jobs name it by `id`, data versions by `object_name`."""

    name: str
    id: str
    object_name: str


@dataclass(slots=True, eq=False)
class Upload:
    """The data that one receiving job brought one tenant at one time.

    `flags` has one bit per file, set while the file is included; `faulty` data makes metric values
    wrong. `named_for` is the tenant code in the names of its files.
    """

    time: str
    receiving_job: str = ""
    flags: int = ALL_FILES
    faulty: bool = False
    named_for: str = ""

    @property
    def included(self) -> bool:
        """Whether any of its files is included."""
        return self.flags != 0


@dataclass(slots=True, eq=False)
class DataVersion:
    """A data version of one tenant and category; `faulty` if built from a faulty upload."""

    number: str
    date: str
    category: str
    job: str
    enabled: bool = True
    faulty: bool = False
    built_from: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Tenant:
    """A tenant. Uploads and versions are oldest first."""

    code: str
    name: str
    status: str = "enabled"
    provisioned: str = ""
    profile: str = "Regular"
    uploads: list[Upload] = field(default_factory=list)
    versions: list[DataVersion] = field(default_factory=list)
    last_number: int = 7_000_000

    @property
    def short_code(self) -> str:
        """The code without the administrating tenant's prefix."""
        return self.code.rpartition("~")[2]

    @property
    def consolidated(self) -> bool:
        """Whether it is a consolidated analytics tenant."""
        return "~CA" in self.code

    def enabled_versions(self, category: str) -> list[DataVersion]:
        """Return the enabled versions of a category, newest first."""
        return [v for v in reversed(self.versions) if v.enabled and v.category == category]

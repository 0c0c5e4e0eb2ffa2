"""What can be started."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from services.frames import JobType

from ..tokens import Verb
from . import extraction_fields, fields
from .fields import Group, StartField


@dataclass(frozen=True)
class StartForm:
    """One way to start work: its fields in the order they are asked for.

    ``alternative`` is another operation that takes the same body. ``fits`` are the types of the
    job that may come of it.
    """

    name: str
    verb: Verb
    operation: str
    fields: tuple[StartField, ...]
    fits: frozenset[JobType]
    alternative: str = ""

    @property
    def has_scope(self) -> bool:
        """Whether the request itself says for which tenants it is."""
        return any(field.group is Group.SCOPE for field in self.fields)


LOAD: Final = StartForm(
    "Load files", Verb.START_LOAD, "start_load", fields.LOAD, frozenset({JobType.RECEIVING})
)
EXTRACT: Final = StartForm(
    "Extract",
    Verb.START_EXTRACTION,
    "start_extraction",
    extraction_fields.EXTRACTION,
    frozenset({JobType.DISPATCHING, JobType.EXTRACTION}),
    alternative="adhoc_extraction_job",
)
PROCESS: Final = StartForm(
    "Process",
    Verb.START_PROCESSING,
    "adhoc_processing_jobs",
    fields.PROCESSING,
    frozenset({JobType.DISPATCHING, JobType.PROCESSING}),
)
CONSOLIDATE: Final = StartForm(
    "Consolidate",
    Verb.START_CONSOLIDATION,
    "adhoc_consolidated_analytics_job",
    fields.CONSOLIDATION,
    frozenset({JobType.CONSOLIDATED}),
)

FORMS: Final[Mapping[str, StartForm]] = MappingProxyType(
    {form.name: form for form in (LOAD, EXTRACT, PROCESS, CONSOLIDATE)}
)
FORM_OF: Final[Mapping[str, StartForm]] = MappingProxyType(
    {form.verb: form for form in FORMS.values()}
)

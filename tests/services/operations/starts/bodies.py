"""Every form that starts jobs, filled in."""

from datetime import UTC, datetime
from typing import Any

from services.operations.starts.bodies import (
    ScopeKind,
    Value,
    body_of,
    scope_fields,
)
from services.operations.starts.fields import FieldKind, Items, StartField
from services.operations.starts.specs import (
    EXTRACT,
    FORMS,
    StartForm,
)

C7O, E1A, CONSOLIDATED = "WFF_j1r~c7o", "WFF_j1r~e1a", "WFF_j1r~CAa7s"
FILE = "WFF_j1r_hcm_files_20181030102030.zip.gpg"
EVERY = [
    *((form, form.operation) for form in FORMS.values()),
    (EXTRACT, EXTRACT.alternative),
]


def a_value(field: StartField) -> Value:
    match field.kind:
        case FieldKind.NUMBER:
            return 3
        case FieldKind.FLAG:
            return field.name != "disableArtifactGeneration"
        case FieldKind.TIME:
            return datetime(2021, 12, 13 + field.ends, 8, tzinfo=UTC)
        case FieldKind.CHOICE:
            return field.choices[0]
        case FieldKind.LIST:
            return (FILE,) if field.items is Items.FILES else ("one", "two")
    return CONSOLIDATED if field.items is Items.CONSOLIDATED else "some-id"


def whole_body(form: StartForm) -> dict[str, Any]:
    """Give a body with every field that goes together."""
    by_week = {"lastExtractionTimeOffsetWeeks", "offsetWeekOption"}
    values = {field.name: a_value(field) for field in form.fields if field.name not in by_week}
    scope = scope_fields(ScopeKind.ALL_BUT, [C7O], "WFF_j1r") if form.has_scope else {}
    return body_of(form, values, scope)

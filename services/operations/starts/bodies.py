"""From what was typed to the body of a start, and why a body cannot be sent. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from services.typed_text import NAMED_AT_MOST, clean, trimmed

from .fields import FieldKind, Group, Items, StartField
from .specs import StartForm

Value: TypeAlias = str | int | bool | datetime | Sequence[str] | None
Values: TypeAlias = Mapping[str, Value]
Body: TypeAlias = Mapping[str, Any]

LARGEST_NUMBER: Final = 2**31 - 1
DATABRICKS: Final = "Databricks"
NO_PROVIDERS: Final[Mapping[str, str]] = MappingProxyType({})
_QUOTES = "\"'`“”\u2018\u2019"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ScopeKind(StrEnum):
    """Which tenants a start is for."""

    OWN = "This tenant"
    CHOSEN = "Chosen tenants"
    ALL_BUT = "All but some"
    ALL = "All tenants"


def scope_fields(kind: ScopeKind, codes: Sequence[str], own: str | None) -> dict[str, Any]:
    """Return the fields that say which tenants are meant; ``codes`` are chosen or left out.

    ``own`` is the code of the administrating tenant. Without it nothing is said of ``OWN``, as
    from an analytic tenant, where the fields are invalid: Visier takes the tenant that asks.
    """
    match kind:
        case ScopeKind.OWN:
            return {"allTenants": False, "tenants": [own]} if own else {}
        case ScopeKind.CHOSEN:
            return {"allTenants": False, "tenants": list(codes)}
        case ScopeKind.ALL_BUT:
            return {"allTenants": True, "excludedTenants": list(codes)}
        case ScopeKind.ALL:
            return {"allTenants": True}


def names_in(text: str, items: Items, administrating: str = "") -> list[str]:
    """Return the names in a typed or pasted text, each once, in their order.

    File names are separated by lines and commas, everything else by white space too. Quotes
    around a name do not matter, ``%7E`` is ``~``, and an analytic tenant's own part, from "~" on,
    stands for its whole code where the administrating tenant is known.
    """
    text = clean(text)
    separators = r"[,;\n]+" if items is Items.FILES else r"[\s,;]+"
    names = [part.strip().strip(_QUOTES) for part in re.split(separators, text)]
    if items is Items.TENANTS:
        names = [re.sub("%7E", "~", name, flags=re.IGNORECASE) for name in names]
        names = [administrating + name if name.startswith("~") else name for name in names]
    return list(dict.fromkeys(filter(None, names)))


def epoch_of(moment: datetime) -> int:
    """Return the milliseconds since 1970 of a time with its zone."""
    return round((moment - _EPOCH).total_seconds() * 1000)


def body_of(form: StartForm, values: Values, scope: Body = MappingProxyType({})) -> dict[str, Any]:
    """Return the request body: the scope, what is set, and every flag the API has no default for.

    Times, with their zone, become milliseconds since 1970, as in the code samples.
    """
    body = dict(scope)
    for field in form.fields:
        if field.group is Group.SCOPE:
            continue
        value = _written(field, values.get(field.name))
        if value is not None:
            body[field.name] = value
    return body


def _written(field: StartField, value: Value) -> Any:
    match field.kind:
        case FieldKind.FLAG:
            return bool(value) if value or field.always else None
        case FieldKind.TIME:
            return epoch_of(value) if isinstance(value, datetime) else None
        case FieldKind.LIST:
            return list(dict.fromkeys(value)) if isinstance(value, Sequence) and value else None
        case FieldKind.NUMBER:
            return value
        case FieldKind.TEXT | FieldKind.CHOICE:
            return trimmed(str(value)) or None if value is not None else None


def problems(
    form: StartForm, body: Body, *, providers: Mapping[str, str] = NO_PROVIDERS
) -> list[str]:
    """Return why this body cannot be sent: sentences that say what to change, or none.

    ``providers`` are those of the credentials that were read, by their id.
    """
    own = (_own(field, body[field.name]) for field in form.fields if field.name in body)
    found = [*_missing(form, body), *filter(None, own)]
    found += [sentence for holds, sentence in _IMPOSSIBLE if holds(body)]
    provider = providers.get(body.get("credentialId", ""), DATABRICKS)
    if provider != DATABRICKS:
        found.append(
            f"The credential is one of {provider}. Only a Databricks connector takes one: choose a "
            "Databricks credential, or none."
        )
    return found


def _missing(form: StartForm, body: Body) -> Iterator[str]:
    names = {field.name for field in form.fields}
    if "files" in names and not body.get("files"):
        yield "Name at least one file."
    if "tenantCode" in names and not body.get("tenantCode"):
        yield "Choose a consolidated analytics tenant."
    if "tenants" in body and not body["tenants"]:
        yield "Choose at least one tenant."
    if "excludedTenants" in body and not body["excludedTenants"]:
        yield "Name at least one tenant to leave out, or choose all tenants."


def _own(field: StartField, value: Any) -> str:
    match field.kind:
        case FieldKind.NUMBER:
            return _number(field, value)
        case FieldKind.CHOICE if value not in field.choices:
            return f"{field.label} must be one of {', '.join(field.choices)}, not “{value}”."
        case FieldKind.LIST if field.most and len(value) > field.most:
            return f"{field.label}: {len(value):,} are named, and {field.most:,} are the limit."
        case FieldKind.LIST:
            return _texts(field, value)
        case FieldKind.TEXT:
            return _texts(field, [value])
    return ""


def _number(field: StartField, value: Any) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and 1 <= value <= LARGEST_NUMBER:
        return ""
    return f"{field.label} must be a whole number from 1 to {LARGEST_NUMBER:,}, not {value}."


_CODE = r"[A-Za-z0-9_.-]+"
_ID = r"[A-Za-z0-9_.:-]+"
# What each kind of name may look like, and what to do about one that does not.
_LOOKS: Mapping[Items, tuple[str, str]] = {
    Items.ANYTHING: (r"[^\x00-\x1f\x7f]+", "holds characters that cannot be shown: type it anew"),
    Items.TENANTS: (
        rf"{_CODE}(~{_CODE})?",
        "cannot be a tenant code, which looks like WFF_j1r~c7o: correct or remove it",
    ),
    Items.CONSOLIDATED: (
        rf"{_CODE}~CA[A-Za-z0-9_.-]*",
        "is no consolidated analytics tenant: the part of its code after “~” begins with CA",
    ),
    Items.FILES: (
        r"[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f/]\.zip\.gpg",
        "does not end in .zip.gpg: Visier takes files that are encrypted and compressed only",
    ),
    Items.CATEGORIES: (_ID, "cannot be the id of a data category: correct or remove it"),
    Items.CONNECTORS: (_ID, "cannot be the id of a connector: correct or remove it"),
    Items.CREDENTIALS: (_ID, "cannot be the id of a credential: correct or remove it"),
}
_TOO_LONG = f"has more than {NAMED_AT_MOST} characters: correct or remove it"
_QUOTED_AT_MOST = 5


def _texts(field: StartField, texts: Sequence[str]) -> str:
    looks, advice = _LOOKS[field.items]
    if odd := [text for text in texts if len(text) > NAMED_AT_MOST]:
        advice = _TOO_LONG
    else:
        odd = [text for text in texts if not re.fullmatch(looks, text)]
    if not odd:
        return ""
    more = len(odd) - _QUOTED_AT_MOST
    named = ", ".join(f"“{text[:80]}”" for text in odd[:_QUOTED_AT_MOST])
    if more > 0:
        return f"{field.label}: each of {named} and {more:,} more {advice}."
    return f"{field.label}: {'each of ' if len(odd) > 1 else ''}{named} {advice}."


def _is_by_week(body: Body) -> bool:
    return bool(body.get("lastExtractionTimeOffsetMode") == "WEEK")


_IMPOSSIBLE: Sequence[tuple[Callable[[Body], object], str]] = (
    (
        lambda body: body.get("tenants") and body.get("allTenants"),
        "Choose tenants or all tenants, not both.",
    ),
    (
        lambda body: body.get("excludedTenants") and not body.get("allTenants"),
        "Tenants can be left out only of all tenants: choose all but some, or name the others.",
    ),
    (
        lambda body: (
            body.get("overrideLastExtractionTimestamp", 0)
            > body.get("extractToTimeOverride", float("inf"))
        ),
        "Data from is later than data up to: nothing lies between them. Change one of the two.",
    ),
    (
        lambda body: "lastExtractionTimeOffsetWeeks" in body and not _is_by_week(body),
        "Weeks to look back need look back by WEEK: choose it, or give months instead.",
    ),
    (
        lambda body: "offsetWeekOption" in body and not _is_by_week(body),
        "Day of that week needs look back by WEEK: choose it, or clear the day of that week.",
    ),
    (
        lambda body: "lastExtractionTimeOffsetMonths" in body and _is_by_week(body),
        "Months to look back need look back by MONTH: choose it, or give weeks instead.",
    ),
    (
        lambda body: "offsetMonthOption" in body and _is_by_week(body),
        "Day of that month needs look back by MONTH: choose it, or clear the day of that month.",
    ),
    (
        lambda body: (
            body.get("forceUpdateExistingArtifacts") and body.get("disableArtifactGeneration")
        ),
        "Where no artifacts are generated, none can be updated: switch one of the two off.",
    ),
)


def notes(body: Body) -> list[str]:
    """Return what a person should know about a body that can be sent."""
    offsets = ("lastExtractionTimeOffsetMonths", "lastExtractionTimeOffsetWeeks")
    found = []
    if "overrideLastExtractionTimestamp" in body and any(name in body for name in offsets):
        found.append(
            "Data from and looking back both replace the last extraction date; Visier does not say "
            "which of them wins."
        )
    if body.get("publishDataLoadArtifacts") and body.get("disableArtifactGeneration"):
        found.append("No artifacts are generated, so there are none to publish.")
    if "files" in body:
        found.append(
            "Which tenants it is for is told by the files. Visier asks for batches below 5 GB "
            "uncompressed and of at most 5,000 tenants."
        )
    if "credentialId" in body:
        found.append("A credential is for the Databricks connector only.")
    return found

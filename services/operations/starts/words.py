"""A start in words and numbers, before it is sent. Pure."""

from collections.abc import Callable, Iterator, Sequence

from .bodies import Body
from .fields import FieldKind, Group, StartField
from .specs import CONSOLIDATE, EXTRACT, LOAD, StartForm

ALL: str = "all"


def lead(form: StartForm, body: Body, tenants: str) -> str:
    """Return what starts, with its number; ``tenants`` says whose jobs they are."""
    if form is LOAD:
        return f"One receiving job for {_counted(len(body.get('files', ())), 'file')}"
    if form is CONSOLIDATE:
        return f"One consolidated analytics job for {body.get('tenantCode', 'no tenant yet')}"
    return f"One {'extraction' if form is EXTRACT else 'processing'} job for {tenants}"


def tenants_in_words(body: Body, listed: str) -> str:
    """Return whose jobs they are; ``listed`` says how many there are."""
    if body.get("allTenants"):
        out = len(body.get("excludedTenants", ()))
        return f"each of all tenants ({listed}){f' but {out:,}' if out else ''}"
    codes = body.get("tenants")
    if codes is None:
        return "this tenant"
    return f"tenant {codes[0]}" if len(codes) == 1 else f"each of {_counted(len(codes), 'tenant')}"


def sentences(
    form: StartForm, body: Body, written: Callable[[StartField, object], str]
) -> Iterator[str]:
    """Give a sentence for each field that is set; ``written`` says its value in words."""
    for field in form.fields:
        value = body.get(field.name)
        if field.group is Group.SCOPE or not field.says or value is None:
            continue
        if field.kind is not FieldKind.FLAG:
            yield field.says.format(written(field, value))
        elif value or field.unsaid:
            yield field.says if value else field.unsaid


def to_be_typed(body: Body, above: int) -> str:
    """Return what a person types to confirm: a number, ``all``, or nothing when it is small."""
    if "files" in body:
        return str(len(body["files"]))
    if body.get("allTenants"):
        return ALL
    named: Sequence[str] = body.get("tenants", ())
    return str(len(named)) if len(named) > above else ""


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

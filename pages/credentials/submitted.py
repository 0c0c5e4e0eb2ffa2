"""What was typed into a provider's form: read once, and its secrets forgotten.

A secret is typed into a field of its own key. When the form is sent, the field is replaced by
another one and the value is taken out of the session before anything is drawn: neither the server
nor the browser has it any longer, whatever becomes of the request.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from dashboard import flash
from dashboard.components import errors, forms
from services import typed_text
from services.visier import InvalidArgument
from services.visier.providers import LIST, Field, Parameters, Provider, filled_in, from_json

AS_TYPED = "{label} {remark}: sent as typed."
Spend = Callable[[], bool]
Act = Callable[[dict[str, Any], Spend], None]


@dataclass(frozen=True)
class Sheet:
    """One form as it was drawn: `number` tells it from those before it, `lengths` of its lists."""

    provider: Provider
    parameters: Parameters | None
    name: str
    number: int
    lengths: dict[str, int]


def field_key(field: Field, name: str, number: int, place: int) -> str:
    """Return the key of a field; a secret's is another in each form that is drawn."""
    if field.secret:
        return f"secret.{name}.{number}.{field.name}.{place}"
    return f"{name}.{field.name}.{place}"


def json_key(provider: Provider, name: str, number: int) -> str:
    """Return the key of the parameters as JSON, which may hold secrets."""
    return f"json.{name}.{number}.{provider.name}"


def take(sheet: Sheet, act: Act) -> None:
    """Hand on what was typed, once, and take the secrets out of the session for good."""
    try:
        # What holds a secret was filled in, however quickly: no second press of impatient hands.
        if forms.form(sheet.name).is_at_hand(sheet.number) or _has_secret(sheet):
            _hand_on(sheet, act)
    # Only what ends this for good forgets: when another click cuts it short, which is no
    # Exception, nothing was sent yet and that click is to find everything as it was typed.
    except Exception:
        _forget(sheet)
        raise
    _forget(sheet)


def _hand_on(sheet: Sheet, act: Act) -> None:
    spend = partial(forms.form(sheet.name).spend, sheet.number)
    typed = _typed(sheet)
    try:
        built = _built(sheet, typed)
    except InvalidArgument as refused:
        errors.keep(refused)
        spend()
        return
    act(built, spend)
    if remarks := _remarks(sheet, typed):
        flash.put(" ".join(remarks))


class _Typed(NamedTuple):
    """What was typed: JSON, or texts by field, and the entries of each list."""

    json: str
    texts: dict[str, str]
    rows: dict[str, list[dict[str, str]]]


def _built(sheet: Sheet, typed: _Typed) -> dict[str, Any]:
    if sheet.parameters is None:
        return from_json(sheet.provider, typed.json)
    return filled_in(sheet.provider, sheet.parameters, typed.texts, typed.rows)


def _typed(sheet: Sheet) -> _Typed:
    if sheet.parameters is None:
        return _Typed(_text(json_key(sheet.provider, sheet.name, sheet.number)), {}, {})
    fields = sheet.parameters.fields
    rows = {
        group: [
            _texts(sheet, [field for field in fields if field.group == group], place)
            for place in range(length)
        ]
        for group, length in sheet.lengths.items()
    }
    return _Typed("", _texts(sheet, [field for field in fields if LIST not in field.name], 0), rows)


def _texts(sheet: Sheet, fields: Sequence[Field], place: int) -> dict[str, str]:
    typed = {field: _text(field_key(field, sheet.name, sheet.number, place)) for field in fields}
    return {
        field.name: text if field.secret else typed_text.trimmed(text)
        for field, text in typed.items()
    }


def _remarks(sheet: Sheet, typed: _Typed) -> list[str]:
    """Return what is odd about the secrets, which are sent as they are typed."""
    fields = sheet.parameters.fields if sheet.parameters else ()
    own = ({**typed.texts}, *(row for rows in typed.rows.values() for row in rows))
    found = (
        (field.label, typed_text.remark(texts.get(field.name, "")))
        for texts in own
        for field in fields
        if field.secret or field.multiline
    )
    return [AS_TYPED.format(label=label, remark=remark) for label, remark in found if remark]


def _text(key: str) -> str:
    return st.session_state.get(key) or ""


def _secret_keys(sheet: Sheet) -> list[str]:
    """Return the names under which the session holds the secrets of a form's fields."""
    return [
        field_key(field, sheet.name, sheet.number, place)
        for field in (sheet.parameters.fields if sheet.parameters else ())
        if field.secret
        for place in range(sheet.lengths.get(field.group, 1))
    ]


def _has_secret(sheet: Sheet) -> bool:
    return any(map(_text, _secret_keys(sheet)))


def _forget(sheet: Sheet) -> None:
    """Take every secret of a form out of the session."""
    for key in (json_key(sheet.provider, sheet.name, sheet.number), *_secret_keys(sheet)):
        st.session_state.pop(key, None)

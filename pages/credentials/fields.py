"""The form of a provider's parameters. What is secret in it is used once and forgotten.

A secret is typed into a field of its own key. When the form is sent, the field is replaced by
another one and the value is taken out of the session before anything is drawn: neither the server
nor the browser has it any longer, whatever becomes of the request.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from dashboard import flash
from dashboard.components import errors, forms
from dashboard.streamlit_compat import deferred_button
from services import typed_text
from services.visier import InvalidArgument
from services.visier.providers import (
    GROUPS,
    LIST,
    Field,
    Parameters,
    Provider,
    blank,
    filled_in,
    from_json,
)

MOST_ENTRIES = 20
AS_JSON = "As JSON"
AS_TYPED = "{label} {remark}: sent as typed."
Spend = Callable[[], bool]
Act = Callable[[dict[str, Any], Spend], None]


@dataclass(frozen=True)
class _Sheet:
    """One form as it was drawn: `number` tells it from those before it, `lengths` of its lists."""

    provider: Provider
    parameters: Parameters | None
    name: str
    number: int
    lengths: dict[str, int]


def form(
    provider: Provider,
    *,
    name: str,
    label: str,
    ready: bool,
    act: Act,
    reads: tuple[str, ...],
    primary: bool = True,
) -> None:
    """Draw the form of a provider; its button hands the parameters to `act`, once.

    `act` is also given what spends the form, to be called right before sending. The button can be
    pressed when the rest of the page is `ready`, which `act` goes by what this session holds under
    names that begin with `reads`. What is not secret stays typed.
    """
    parameters = _way(provider, name)
    if provider.note:
        st.info(provider.note, icon=":material/help:")
    lengths = _lengths(parameters, name) if parameters else {}
    number = forms.form(name).number
    sheet = _Sheet(provider, parameters, name, number, lengths)
    with st.form(f"{name}.form", enter_to_submit=False):
        if parameters is None:
            _json_editor(provider, name)
        else:
            _fields(parameters, name, lengths)
        key, hand_on = f"{name}.send.{number}", partial(_take, sheet, act)
        st.form_submit_button(
            label,
            key=key,
            type="primary" if primary else "secondary",
            disabled=not ready,
            on_click=deferred_button.pressed,
            args=(key, reads, deferred_button.values(reads, key), hand_on),
        )
        st.caption(
            "Secrets go only to Visier. They are not stored here or shown again. Their fields are "
            "cleared after sending."
        )
    if deferred_button.is_due(key, reads) and ready:
        hand_on()
        st.rerun()


def _way(provider: Provider, name: str) -> Parameters | None:
    """Draw the choice among the provider's objects of parameters; None: written as JSON."""
    ways = {each.key: each for each in provider.parameters}
    if not ways:
        return None
    chosen = st.segmented_control(
        "Parameters",
        [*ways, AS_JSON],
        default=next(iter(ways)),
        required=True,
        key=f"{name}.way.{provider.name}",
        help="The parameters, as a form or as JSON.",
    )
    return ways.get(chosen or "")


def _lengths(parameters: Parameters, name: str) -> dict[str, int]:
    """Ask how many entries each list has."""
    groups = dict.fromkeys(field.group for field in parameters.fields if LIST in field.name)
    return {
        group: int(
            st.number_input(GROUPS[group], 0, MOST_ENTRIES, key=f"{name}.length.{group}", width=200)
        )
        for group in groups
    }


def _fields(parameters: Parameters, name: str, lengths: dict[str, int]) -> None:
    plain = [field for field in parameters.fields if LIST not in field.name]
    # Those without a group first, or they would seem to belong to the group before them.
    plain.sort(key=lambda field: bool(field.group))
    for group, own in groupby(plain, key=lambda field: field.group):
        if group:
            st.markdown(f"**{GROUPS[group]}**")
        _side_by_side(list(own), name)
    for group, length in lengths.items():
        own_fields = [field for field in parameters.fields if field.group == group]
        for number in range(length):
            st.markdown(f"**{GROUPS[group]}: {number + 1}**")
            _side_by_side(own_fields, name, number)


def _side_by_side(fields: Sequence[Field], name: str, number: int = 0) -> None:
    short = [field for field in fields if not field.multiline]
    columns = st.columns(2)
    for place, field in enumerate(short):
        with columns[place % 2]:
            _field(field, name, number)
    for field in fields:
        if field.multiline:
            _field(field, name, number)


def _key(field: Field, name: str, number: int, place: int) -> str:
    if field.secret:
        return f"secret.{name}.{number}.{field.name}.{place}"
    return f"{name}.{field.name}.{place}"


def _field(field: Field, name: str, number: int) -> None:
    key, told = _key(field, name, forms.form(name).number, number), field.help or None
    if field.choices:
        st.selectbox(
            field.label, field.choices, index=None, key=key, help=told, placeholder="Not set"
        )
    elif field.multiline:
        st.text_area(
            field.label,
            key=key,
            help=told,
            height=120,
            placeholder="Paste all lines. The pasted text is hidden." if field.secret else None,
        )
    elif field.secret:
        # Browsers offer saved passwords for anything else that hides what is typed.
        st.text_input(field.label, key=key, help=told, type="password", autocomplete="new-password")
    else:
        st.text_input(field.label, key=key, help=told, autocomplete="off")


def _json_key(provider: Provider, name: str, number: int) -> str:
    return f"json.{name}.{number}.{provider.name}"


def _json_editor(provider: Provider, name: str) -> None:
    written, known = st.columns((3, 2))
    begin = (
        blank(provider.parameters[0]) if provider.parameters else '{\n  "emptyAuthParams": {}\n}'
    )
    with written:
        st.text_area(
            "Parameters as JSON",
            begin,
            key=_json_key(provider, name, forms.form(name).number),
            height=340,
            help="All parameters to send, apart from the provider. Empty texts are left out.",
        )
    with known:
        st.markdown(f"**Known parameters of {provider.title}**")
        rows = [
            (each.key, field.name, field.label, field.secret)
            for each in provider.parameters
            for field in each.fields
        ]
        if not rows:
            st.caption("Visier publishes no parameters for this provider.")
            return
        st.dataframe(
            pd.DataFrame(rows, columns=["Object", "Name", "Meaning", "Secret"]),
            hide_index=True,
            height=310,
        )


def _take(sheet: _Sheet, act: Act) -> None:
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


def _hand_on(sheet: _Sheet, act: Act) -> None:
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


def _built(sheet: _Sheet, typed: _Typed) -> dict[str, Any]:
    if sheet.parameters is None:
        return from_json(sheet.provider, typed.json)
    return filled_in(sheet.provider, sheet.parameters, typed.texts, typed.rows)


def _typed(sheet: _Sheet) -> _Typed:
    if sheet.parameters is None:
        return _Typed(_text(_json_key(sheet.provider, sheet.name, sheet.number)), {}, {})
    fields = sheet.parameters.fields
    rows = {
        group: [
            _texts(sheet, [field for field in fields if field.group == group], place)
            for place in range(length)
        ]
        for group, length in sheet.lengths.items()
    }
    return _Typed("", _texts(sheet, [field for field in fields if LIST not in field.name], 0), rows)


def _texts(sheet: _Sheet, fields: Sequence[Field], place: int) -> dict[str, str]:
    typed = {field: _text(_key(field, sheet.name, sheet.number, place)) for field in fields}
    return {
        field.name: text if field.secret else typed_text.trimmed(text)
        for field, text in typed.items()
    }


def _remarks(sheet: _Sheet, typed: _Typed) -> list[str]:
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


def _secret_keys(sheet: _Sheet) -> list[str]:
    """Return the names under which the session holds the secrets of a form's fields."""
    return [
        _key(field, sheet.name, sheet.number, place)
        for field in (sheet.parameters.fields if sheet.parameters else ())
        if field.secret
        for place in range(sheet.lengths.get(field.group, 1))
    ]


def _has_secret(sheet: _Sheet) -> bool:
    return any(map(_text, _secret_keys(sheet)))


def _forget(sheet: _Sheet) -> None:
    """Take every secret of a form out of the session."""
    for key in (_json_key(sheet.provider, sheet.name, sheet.number), *_secret_keys(sheet)):
        st.session_state.pop(key, None)


def certainty(provider: Provider) -> str:
    """Return a provider as the choice of providers shows it."""
    if provider.first or provider.is_sure:
        return provider.title
    known = "parameters inferred" if provider.parameters else "as JSON only"
    return f"{provider.title} · {known}"

"""The form of a start, drawn from the table of its fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from dashboard import data, typed_time
from dashboard.connection import Connection
from dashboard.ui import chrome, start_choices, start_scope
from services.operations.starts.bodies import Value, body_of, epoch_of, names_in, problems
from services.operations.starts.fields import FieldKind, Group, Items, StartField
from services.operations.starts.specs import StartForm

ALTERNATIVE = {
    "adhoc_extraction_job": "Use the alpha operation (POST /v1alpha/op/jobs/extraction-jobs)"
}
SHORT_WORD, SHORT_LABEL = 12, 20
FIRST_TIME = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Filled:
    """A form as it is filled in: the body it makes, and what keeps it from being sent."""

    body: Mapping[str, Any]
    problems: Sequence[str]
    listed: str
    alternative: bool


def draw(connection: Connection, form: StartForm, known: data.TenantDirectory) -> Filled:
    """Draw the fields of a form by their groups, the rare ones folded away."""
    scope = start_scope.Scope({}, (), "")
    if form.has_scope:
        with st.container(border=True, key="start-scope"):
            st.markdown("## Tenants")
            scope = start_scope.draw(connection, known)
    values: dict[str, Value] = {}
    for group in Group:
        fields = [each for each in form.fields if each.group is group and not each.rare]
        if fields and group is not Group.SCOPE:
            with st.container(border=True, gap="small"):
                st.markdown(f"## {group}")
                values |= _fields(connection, form, fields, known)
    rare = [each for each in form.fields if each.rare]
    alternative = False
    if rare:
        with st.expander("Rare options", icon=":material/tune:", key=f"start.{form.name}.rare"):
            values |= _fields(connection, form, rare, known)
            alternative = bool(form.alternative) and _alternative(form)
    body = body_of(form, values, scope.fields)
    providers = start_choices.providers(connection, known)
    wrong = [*problems(form, body, providers=providers), *scope.problems, *_not_agreed(form, body)]
    return Filled(body, wrong, scope.listed, alternative)


def _alternative(form: StartForm) -> bool:
    return st.toggle(
        ALTERNATIVE[form.alternative],
        key=f"start.{form.name}.alternative",
        persist_state="session",
        help="It takes the same fields. Visier may change an alpha operation without notice; it "
        "answers with an extraction job or a dispatching job.",
    )


def key_of(form: StartForm, field: StartField) -> str:
    """Return the key of the widget of a field."""
    return f"start.{form.name}.{field.name}"


def _fields(
    connection: Connection,
    form: StartForm,
    fields: Sequence[StartField],
    known: data.TenantDirectory,
) -> dict[str, Value]:
    """Draw fields side by side where they are narrow; return what is typed into them."""
    values = {}
    row = st.container(horizontal=True, vertical_alignment="top")
    for field in fields:
        key = key_of(form, field)
        choose = start_choices.CHOICES.get(field.items)
        is_wide = field.kind in (FieldKind.LIST, FieldKind.FLAG) or choose is not None
        with st.container() if is_wide else row.container(width=_width(field), gap="xxsmall"):
            if choose is not None:
                values[field.name] = choose(connection, field, key, known)
            else:
                values[field.name] = _DRAW[field.kind](field, key)
    return values


def _width(field: StartField) -> int:
    """Return what the field needs, so that short ones stand three abreast."""
    longest = max(map(len, field.choices), default=0)
    is_short = field.kind is FieldKind.NUMBER or 0 < longest < SHORT_WORD
    return 165 if is_short and len(field.label) < SHORT_LABEL else 222


def _text(field: StartField, key: str) -> Value:
    return st.text_input(
        field.label, key=key, max_chars=200, persist_state="session", help=field.help
    )


def _number(field: StartField, key: str) -> Value:
    # No bound here: what is out of bounds is said in a sentence, and stays as it was typed.
    typed: int | None = st.number_input(
        field.label,
        value=None,
        step=1,
        key=key,
        persist_state="session",
        placeholder="Not set",
        help=field.help,
    )
    return typed


def _choice(field: StartField, key: str) -> Value:
    chosen: str | None = st.selectbox(
        field.label,
        field.choices,
        index=None,
        key=key,
        persist_state="session",
        placeholder=field.default or "Not set",
        help=field.help,
    )
    return chosen


def _time(field: StartField, key: str) -> Value:
    typed: datetime | None = st.datetime_input(
        f"{field.label} ({chrome.time_zone().key})",
        value=None,
        min_value=FIRST_TIME,
        key=key,
        format="YYYY-MM-DD",
        persist_state="session",
        help=field.help,
    )
    if typed is None:
        st.caption(f"{field.default} unless set")
        return None
    moment = typed_time.in_utc(typed, chrome.time_zone(), first_of_repeated=not field.ends)
    st.caption(f"{moment:%Y-%m-%d %H:%M} UTC  \nepoch {epoch_of(moment)}")
    remark = typed_time.remark(typed, chrome.time_zone())
    if remark:
        local = moment.tz_convert(chrome.time_zone())
        st.caption(f":material/warning: {remark} It is taken as {local:%H:%M UTC%z}.")
    return moment


def _list(field: StartField, key: str) -> Value:
    text = st.text_area(
        field.label,
        key=key,
        height=140,
        persist_state="session",
        placeholder="WFF_j1r_files_20261124030000.zip.gpg, one a line or separated by commas",
        help=field.help,
    )
    return names_in(text or "", field.items)


def _flag(field: StartField, key: str) -> Value:
    is_on = st.toggle(field.label, key=key, persist_state="session", help=field.help)
    if is_on and field.danger:
        st.checkbox(field.danger, key=f"{key}.agreed")
    return is_on


def _not_agreed(form: StartForm, body: Mapping[str, Any]) -> list[str]:
    return [
        f"{field.label}: tick that you know what it does, or switch it off."
        for field in form.fields
        if field.danger
        and body.get(field.name)
        and not st.session_state.get(f"{key_of(form, field)}.agreed")
    ]


_DRAW: Mapping[FieldKind, Callable[[StartField, str], Value]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.CHOICE: _choice,
    FieldKind.TIME: _time,
    FieldKind.LIST: _list,
    FieldKind.FLAG: _flag,
}


def in_words(connection: Connection, field: StartField, value: Any) -> str:
    """Return the value of a field as the summary says it."""
    if field.kind is FieldKind.TIME:
        moment = datetime.fromtimestamp(value / 1000, UTC).astimezone(chrome.time_zone())
        return f"{moment:%Y-%m-%d %H:%M %Z} (epoch {value})"
    if field.kind is FieldKind.LIST:
        return f"{len(value):,}"
    if field.items is Items.CATEGORIES:
        return start_choices.category_names(connection).get(value, str(value))
    return f"{value}"

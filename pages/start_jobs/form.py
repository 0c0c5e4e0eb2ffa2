"""The form of a start, drawn from the model of its body."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import streamlit as st
from pydantic import AwareDatetime, ValidationError

from dashboard import data, time_zone
from dashboard.components import pasted_names, typed_time
from dashboard.connection import Connection
from dashboard.operations import start_sentences, start_wording
from dashboard.operations.start_wording import Fields, FieldWords
from pages.start_jobs import choices as start_choices
from pages.start_jobs import scope as start_scope
from services.operations.starts.forms import ScopedForm, StartForm, epoch_of
from services.operations.starts.target import Listed
from services.typed_text import trimmed

ALTERNATIVE: Final = {
    "adhoc_extraction_job": "Use the alpha operation (POST /v1alpha/op/jobs/extraction-jobs)"
}
# Of an hour that a clock change repeats, a span ends with the second.
ENDS: Final = frozenset({"extract_to_time_override"})
SHORT_WORD, SHORT_LABEL = 12, 20
# Without one the widget begins ten years ago.
FIRST_TIME = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Filled:
    """A form as it is filled in, None while problems keep it from being sent."""

    form: StartForm | None
    problems: Sequence[str]
    listed: Listed | None
    alternative: bool


def draw(connection: Connection, form: type[StartForm], known: data.TenantDirectory) -> Filled:
    """Draw the fields of a form under their headings, the rare ones folded away."""
    scope = start_scope.Scope()
    if issubclass(form, ScopedForm):
        with st.container(border=True, key="start-scope"):
            st.markdown("## Tenants")
            scope = start_scope.draw(connection, known)
    typed = dict(scope.fields)
    for heading, fields in start_wording.COMMON[form.verb].items():
        with st.container(border=True, gap="small"):
            st.markdown(f"## {heading}")
            typed |= _fields(connection, form, fields, known)
    rare, alternative = start_wording.RARE[form.verb], False
    if rare:
        with st.expander("Advanced", icon=":material/tune:", key=f"{form.verb}.rare"):
            typed |= _fields(connection, form, rare, known)
            alternative = bool(form.alternative) and _alternative(form)
    filled, wrong = _validated(form, typed, start_choices.providers(connection, known))
    wrong = [*wrong, *scope.problems, *_not_agreed(form, typed)]
    return Filled(None if wrong else filled, wrong, scope.listed, alternative)


def _validated(
    form: type[StartForm], typed: Mapping[str, Any], providers: Mapping[str, str]
) -> tuple[StartForm | None, list[str]]:
    given = {name: value for name, value in typed.items() if value is not None}
    try:
        return form.model_validate(given, context={"providers": providers}), []
    except ValidationError as invalid:
        return None, start_sentences.problems(form, invalid)


def _alternative(form: type[StartForm]) -> bool:
    return st.toggle(
        ALTERNATIVE[form.alternative],
        key=f"{form.verb}.alternative",
        persist_state="session",
        help=(
            "Same fields. Visier may change alpha operations without notice. This one "
            "starts an extraction job or a dispatching job."
        ),
    )


def _fields(
    connection: Connection, form: type[StartForm], fields: Fields, known: data.TenantDirectory
) -> dict[str, Any]:
    """Draw fields side by side where they are narrow; return what is typed, None for nothing."""
    typed: dict[str, Any] = {}
    row = st.container(horizontal=True, vertical_alignment="top")
    for name, words in fields.items():
        key, choose = f"{form.verb}.{name}", start_choices.CHOICES.get(name)
        kind = _kind(form.model_fields[name].annotation)
        is_wide = choose is not None or kind is bool or get_origin(kind) is list
        with st.container() if is_wide else row.container(width=_width(words, kind), gap="xxsmall"):
            if choose is not None:
                typed[name] = choose(connection, words, key, known)
            else:
                typed[name] = _typed(name, words, kind, key)
    return typed


def _kind(annotation: Any) -> Any:
    """Return the type of what is typed into a field: without None and without its bounds."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = get_args(annotation)[0]
    return annotation


def _width(words: FieldWords, kind: Any) -> int:
    """Return what the field needs, so that short ones stand three abreast."""
    longest = max(map(len, get_args(kind)), default=0)
    is_short = kind is int or 0 < longest < SHORT_WORD
    return 165 if is_short and len(words.label) < SHORT_LABEL else 222


def _typed(name: str, words: FieldWords, kind: Any, key: str) -> object:
    if kind is bool:
        return _flag(words, key)
    if kind is int:
        return _number(words, key)
    if kind is AwareDatetime:
        return _time(words, key, ends=name in ENDS)
    if get_origin(kind) is Literal:
        return _choice(words, get_args(kind), key)
    return _list(words, key) if get_origin(kind) is list else _text(words, key)


def _text(words: FieldWords, key: str) -> str | None:
    text = st.text_input(
        words.label, key=key, max_chars=200, persist_state="session", help=words.help
    )
    return trimmed(text or "") or None


def _number(words: FieldWords, key: str) -> int | None:
    # No bound here: what is out of bounds is said in a sentence, and stays as it was typed.
    typed: int | None = st.number_input(
        words.label,
        value=None,
        step=1,
        key=key,
        persist_state="session",
        placeholder="Not set",
        help=words.help,
    )
    return typed


def _choice(words: FieldWords, choices: Sequence[str], key: str) -> str | None:
    chosen: str | None = st.selectbox(
        words.label,
        choices,
        index=None,
        key=key,
        persist_state="session",
        placeholder=words.default or "Not set",
        help=words.help,
    )
    return chosen


def _time(words: FieldWords, key: str, *, ends: bool) -> datetime | None:
    typed: datetime | None = st.datetime_input(
        f"{words.label} ({time_zone.chosen().key})",
        value=None,
        min_value=FIRST_TIME,
        key=key,
        format="YYYY-MM-DD",
        persist_state="session",
        help=words.help,
    )
    if typed is None:
        st.caption(f"{words.default} unless set")
        return None
    moment = typed_time.in_utc(typed, time_zone.chosen(), first_of_repeated=not ends)
    st.caption(f"{moment:%Y-%m-%d %H:%M} UTC  \nepoch {epoch_of(moment)}")
    remark = typed_time.remark(typed, time_zone.chosen())
    if remark:
        local = moment.tz_convert(time_zone.chosen())
        st.caption(f":material/warning: {remark} Using {local:%H:%M UTC%z}.")
    return moment


def _list(words: FieldWords, key: str) -> list[str]:
    text = st.text_area(
        words.label,
        key=key,
        height=140,
        persist_state="session",
        placeholder="WFF_j1r_files_20261124030000.zip.gpg, one per line or separated by commas",
        help=words.help,
    )
    return pasted_names.file_names(text or "")


def _flag(words: FieldWords, key: str) -> bool | None:
    is_on = st.toggle(words.label, key=key, persist_state="session", help=words.help)
    if is_on and words.danger:
        st.checkbox(words.danger, key=f"{key}.agreed")
    return is_on or None


def _not_agreed(form: type[StartForm], typed: Mapping[str, Any]) -> list[str]:
    return [
        f"{words.label}: confirm that you know the effect, or switch it off."
        for name, words in start_wording.words_of(form)
        if words.danger
        and typed.get(name)
        and not st.session_state.get(f"{form.verb}.{name}.agreed")
    ]


def in_words(connection: Connection, name: str, value: Any) -> str:
    """Return the value of a field as the summary says it."""
    if isinstance(value, datetime):
        moment = value.astimezone(time_zone.chosen())
        return f"{moment:%Y-%m-%d %H:%M %Z} (epoch {epoch_of(value)})"
    if isinstance(value, list):
        return f"{len(value):,}"
    if name == "data_category_id":
        return start_choices.category_names(connection).get(value, str(value))
    return f"{value}"

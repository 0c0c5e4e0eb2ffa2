"""The form of a provider's parameters; what is secret in it is used once and forgotten."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

import pandas as pd
import streamlit as st

from dashboard.components import forms
from dashboard.streamlit_compat import deferred_button
from pages.credentials import submitted
from services.visier.providers import (
    GROUPS,
    LIST,
    Field,
    Parameters,
    Provider,
    blank,
)

# Each entry draws fields of its own.
MOST_ENTRIES = 20
AS_JSON = "As JSON"
SECRETS = (
    "Secrets go only to Visier. They are not stored here or shown again. Their fields are "
    "cleared after sending."
)


def form(
    provider: Provider,
    *,
    name: str,
    label: str,
    ready: bool,
    act: submitted.Act,
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
    sheet = submitted.Sheet(provider, parameters, name, forms.form(name).number, lengths)
    key, hand_on = f"{name}.send.{sheet.number}", partial(submitted.take, sheet, act)
    with st.form(f"{name}.form", enter_to_submit=False):
        if parameters is None:
            _json_editor(provider, name)
        else:
            _fields(parameters, name, lengths)
        st.form_submit_button(
            label,
            key=key,
            type="primary" if primary else "secondary",
            disabled=not ready,
            on_click=deferred_button.pressed,
            args=(key, reads, deferred_button.values(reads, key), hand_on),
        )
        st.caption(SECRETS)
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


def _field(field: Field, name: str, number: int) -> None:
    key = submitted.field_key(field, name, forms.form(name).number, number)
    help_text = field.help or None
    if field.choices:
        st.selectbox(
            field.label, field.choices, index=None, key=key, help=help_text, placeholder="Not set"
        )
    elif field.multiline:
        st.text_area(
            field.label,
            key=key,
            help=help_text,
            height=120,
            placeholder="Paste all lines. The pasted text is hidden." if field.secret else None,
        )
    elif field.secret:
        # Browsers offer saved passwords for anything else that hides what is typed.
        st.text_input(
            field.label, key=key, help=help_text, type="password", autocomplete="new-password"
        )
    else:
        st.text_input(field.label, key=key, help=help_text, autocomplete="off")


def _json_editor(provider: Provider, name: str) -> None:
    written, known = st.columns((3, 2))
    begin = (
        blank(provider.parameters[0]) if provider.parameters else '{\n  "emptyAuthParams": {}\n}'
    )
    with written:
        st.text_area(
            "Parameters as JSON",
            begin,
            key=submitted.json_key(provider, name, forms.form(name).number),
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


def certainty(provider: Provider) -> str:
    """Return a provider as the choice of providers shows it."""
    if provider.first or provider.is_sure:
        return provider.title
    known = "parameters inferred" if provider.parameters else "as JSON only"
    return f"{provider.title} · {known}"

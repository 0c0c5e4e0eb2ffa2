"""What this browser session holds; the only module that names its keys, beside `clicks`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, TypeVar

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.connection import Connection
from services.operations import Plan
from services.operations.starts.lookup import LookupResult
from services.operations.starts.request import JobRequest
from services.visier import SharedList

T = TypeVar("T")

IMPATIENCE_SECONDS = 1.0
LISTS_KEPT = 20
# The name under which Start jobs follows what it has started.
START = "start"

_OWN = "session."
_ASKED = "session.asked."
_BAD_LOAD = "session.bad_load"
_CHAINS = "session.chains"
_CONNECTION = "session.connection"
_DOWNLOAD = "session.download"
_DRAFT = "session.draft."
_FORM = "session.form."
_KEPT_ERROR = "session.kept_error"
_SHOWN_ERROR = "session.shown_error"
_LISTS_NOTED = "session.lists_noted"
_COMFORTS = "session.comforts"
_NOTES = "session.notes"
_LOOKUP = "session.lookup."
_HELD = "session.held."
_CHOSEN = "session.chosen_tenants"
_LINKED = "session.linked_tenants"
_KEPT = "session.kept."
_HANDED_OVER = "session.handed_over"
_SPENT = "session.spent."
_START = "session.start"
_TOLD = "session.told"
_TOLD_OF = "session.told_of"
_TREES = "session.trees"
_WATCHED = "session.watched"
_LISTS = "session.lists"
_OPERATION = "session.operation."
_VISIT, _FOLLOWED_IN = "session.visit", "session.followed_in."
_PRESS = "session.press."
_REVIEW = "session.review."
_SELECTED = "session.selected."
_SIGNED_OUT = "session.signed_out"
_SIGN_OUTS = "session.sign_outs"


def connection() -> Connection | None:
    """Return this browser session's connection, or None when nobody is signed in."""
    return st.session_state.get(_CONNECTION)


def signed_in() -> Connection:
    """Return this browser session's connection; pages run only when there is one."""
    made: Connection = st.session_state[_CONNECTION]
    return made


def sign_in(made: Connection) -> None:
    """Make this the session's connection; at another place nothing of the one before is held.

    A plan or a start under review there would be sent here.
    """
    before = connection()
    if before is not None and before.actor.place != made.actor.place:
        for name in [name for name in st.session_state if str(name).startswith(_OWN)]:
            del st.session_state[name]
    st.session_state[_CONNECTION] = made
    st.session_state[_SIGNED_OUT] = False


def kept_error() -> Exception | None:
    """Return, once in a run, the error that a callback has kept."""
    error: Exception | None = st.session_state.pop(_KEPT_ERROR, None)
    if error is not None:
        st.session_state[_SHOWN_ERROR] = error
    return error


def keep_shown_error(*, by_itself: bool) -> None:
    """Keep for one more run what was shown in the last, where nobody has clicked since."""
    shown = st.session_state.pop(_SHOWN_ERROR, None)
    if by_itself and shown is not None:
        st.session_state.setdefault(_KEPT_ERROR, shown)


def keep_error(error: Exception) -> None:
    """Keep an error of a callback, to be shown in the run that follows."""
    st.session_state[_KEPT_ERROR] = error


def kept(name: str, make: Callable[[], T]) -> T:
    """Return what this browser session keeps under this name, made when it is first asked for."""
    if _KEPT + name not in st.session_state:
        st.session_state[_KEPT + name] = make()
    found: T = st.session_state[_KEPT + name]
    return found


def forget_kept(beginning: str) -> None:
    """Let go of what is kept under names that begin so."""
    for key in [key for key in st.session_state if str(key).startswith(_KEPT + beginning)]:
        del st.session_state[key]


def clear_notes(place: DeltaGenerator) -> None:
    """Begin a page without notes on what it has read; they are to stand in this place."""
    st.session_state[_NOTES] = place
    st.session_state[_LISTS_NOTED] = []
    st.session_state[_COMFORTS] = {}
    st.session_state[_CHAINS] = set()


def draws_chain(first_id: str) -> bool:
    """Say, once for each drawing of the page, that what follows in a chain is to be drawn."""
    drawn: set[str] = st.session_state.setdefault(_CHAINS, set())
    is_new = first_id not in drawn
    drawn.add(first_id)
    return is_new


def place_of_notes() -> DeltaGenerator | None:
    """Return, once, the place for the notes of the page that has just been drawn."""
    place: DeltaGenerator | None = st.session_state.pop(_NOTES, None)
    return place


def note_list(listed: SharedList[Any, Any]) -> None:
    """Note that the page has read a list, which may go on being read in the background."""
    noted: list[SharedList[Any, Any]] = st.session_state.setdefault(_LISTS_NOTED, [])
    if listed not in noted:
        noted.append(listed)


def lists_noted() -> list[SharedList[Any, Any]]:
    """Return the lists that the page has read."""
    noted: list[SharedList[Any, Any]] = st.session_state.get(_LISTS_NOTED, [])
    return noted


def note_comfort(name: str, listed: SharedList[Any, Any]) -> None:
    """Note a list that the page shows what is known of, and goes on without."""
    st.session_state.setdefault(_COMFORTS, {})[name] = listed


def comforts_noted() -> Mapping[str, SharedList[Any, Any]]:
    """Return the lists that the page goes on without, by name."""
    noted: Mapping[str, SharedList[Any, Any]] = st.session_state.get(_COMFORTS, {})
    return noted


def chosen_tenants() -> tuple[str, ...] | None:
    """Return the tenants chosen for what costs a call each, None when nobody has chosen yet."""
    codes: tuple[str, ...] | None = st.session_state.get(_CHOSEN)
    return codes


def choose_tenants(codes: Iterable[str]) -> None:
    """Choose the tenants for what costs a call each, in place of those before."""
    st.session_state[_CHOSEN] = tuple(dict.fromkeys(codes))


def selected(name: str) -> frozenset[str]:
    """Return the keys a person has selected under this name."""
    keys: frozenset[str] = st.session_state.get(_SELECTED + name, frozenset())
    return keys


def selection_key(name: str) -> str:
    """Return the name under which this session holds what is selected under a name."""
    return _SELECTED + name


def select(name: str, keys: frozenset[str]) -> None:
    """Replace what is selected under this name."""
    st.session_state[_SELECTED + name] = keys


def put_press(key: str, found: Mapping[str, Any], after: int) -> None:
    """Note a press of a button after so many runs, and what this session held that it goes by."""
    st.session_state[_PRESS + key] = found, after


def taken_press(key: str) -> tuple[Mapping[str, Any], int] | None:
    """Return, once, what was noted of a press."""
    noted: tuple[Mapping[str, Any], int] | None = st.session_state.pop(_PRESS + key, None)
    return noted


def held(name: str) -> "pd.Series[str]":
    """Return the keys that were shown under this name when something was selected."""
    keys: pd.Series[str] = st.session_state.get(_HELD + name, pd.Series(dtype="str"))
    return keys


def hold(name: str, keys: "pd.Series[str]") -> None:
    """Remember what is shown under this name."""
    st.session_state[_HELD + name] = keys


def draft(name: str) -> Mapping[Any, Any]:
    """Return the changes a person has drafted under this name: a key and what it is to become."""
    changes: Mapping[Any, Any] = st.session_state.get(_DRAFT + name, {})
    return changes


def draft_key(name: str) -> str:
    """Return the name under which this session holds what is drafted under a name."""
    return _DRAFT + name


def put_draft(name: str, changes: Mapping[Any, Any]) -> None:
    """Replace what is drafted under this name."""
    st.session_state[_DRAFT + name] = changes


def form_number(name: str) -> int:
    """Return the number of a form: part of the keys of fields that are used once and forgotten."""
    number: int = st.session_state.get(_FORM + name, 0)
    return number


def spend_form(name: str, number: int) -> bool:
    """Give a form new fields in the place of those that were used; say whether it was the first.

    A second click reaches the server with the number of the first: what it asks for is done.
    """
    if number != form_number(name):
        return False
    st.session_state[_SPENT + name] = monotonic()
    st.session_state[_FORM + name] = number + 1
    return True


def is_form_at_hand(name: str, number: int) -> bool:
    """Say whether a form is the one that stands there, and has been for as long as hands need.

    The second press of impatient hands may reach the new form, which nobody has filled in yet.
    """
    spent: float = st.session_state.get(_SPENT + name, -IMPATIENCE_SECONDS)
    return number == form_number(name) and monotonic() - spent >= IMPATIENCE_SECONDS


def linked_tenants(page: str) -> tuple[str, ...]:
    """Return the tenants that this page's own link was last given: another link is somebody's.

    So is the link of a page one comes back to: there are none once another page's was given some.
    """
    codes: dict[str, tuple[str, ...]] = st.session_state.get(_LINKED, {})
    return codes.get(page, ())


def put_linked_tenants(page: str, codes: tuple[str, ...]) -> None:
    """Note the tenants that this page's link is given."""
    st.session_state[_LINKED] = {page: codes}


@dataclass(frozen=True, slots=True)
class Review:
    """A plan under review, in words how its items were found when it was made, and why so far."""

    plan: Plan
    selected_by: str
    reason: str = ""


def under_review(name: str) -> Review | None:
    """Return what is under review under this name: no longer what is followed, being applied."""
    reviewed: Review | None = st.session_state.get(_REVIEW + name)
    return None if reviewed is None or reviewed.plan.id == operation(name) else reviewed


def review(name: str, plan: Plan, selected_by: str, reason: str = "") -> None:
    """Put a plan under review under this name."""
    st.session_state[_REVIEW + name] = Review(plan, selected_by, reason)


def discard(name: str) -> None:
    """Have nothing under review under this name."""
    st.session_state.pop(_REVIEW + name, None)


def operation(name: str) -> str | None:
    """Return the id of the operation whose course is shown under this name."""
    shown: str | None = st.session_state.get(_OPERATION + name)
    return shown


def follow(name: str, operation_id: str | None) -> None:
    """Show the course of an operation under this name, or of none."""
    if operation_id is not None:
        watch(operation_id)
    st.session_state[_OPERATION + name] = operation_id
    unfold(name)


def unfold(name: str) -> None:
    """Have what is followed under this name shown in full until the page is left."""
    st.session_state[_FOLLOWED_IN + name] = _visit()


def is_of_earlier_visit(name: str) -> bool:
    """Say whether the page was left since what is followed under this name was shown in full."""
    return st.session_state.get(_FOLLOWED_IN + name) != _visit()


def visit(page: str) -> None:
    """Note which page is drawn: coming from another one begins a visit."""
    if page != _visit()[0]:
        st.session_state[_VISIT] = page, _visit()[1] + 1


def _visit() -> tuple[str, int]:
    page_and_number: tuple[str, int] = st.session_state.get(_VISIT, ("", 0))
    return page_and_number


def unfollow(name: str, operation_id: str, before: str | None = None) -> None:
    """Show what was shown before an operation that could not be begun after all."""
    saw_end(operation_id)
    follow(name, before)


def watched() -> frozenset[str]:
    """Return the operations whose end this browser session has not seen yet."""
    ids: frozenset[str] = st.session_state.get(_WATCHED, frozenset())
    return ids


def watch(operation_id: str) -> None:
    """Look out for the end of an operation: what it changes has to be read anew then."""
    st.session_state[_WATCHED] = watched() | {operation_id}


def saw_end(operation_id: str) -> None:
    """Note that this browser session has seen the end of an operation."""
    st.session_state[_WATCHED] = watched() - {operation_id}


def tell(text: str) -> None:
    """Keep a sentence to be shown in the next run of the script."""
    st.session_state[_TOLD] = text


def put_download(what: str, address: str) -> None:
    """Keep where a download that was asked for is begun; of another nothing is kept any more."""
    st.session_state[_DOWNLOAD] = what, address


def download(what: str) -> str:
    """Return where this download is begun, "" when it was not asked for last."""
    asked, address = st.session_state.get(_DOWNLOAD, ("", ""))
    return address if asked == what else ""


def told() -> str:
    """Return, once, the sentence that was kept."""
    text: str = st.session_state.pop(_TOLD, "")
    return text


def told_of(operation_id: str) -> str:
    """Return the sentence that was last kept, as long as this operation is shown.

    A page may be drawn anew at once, before anybody has read it.
    """
    if text := told():
        st.session_state[_TOLD_OF] = operation_id, text
    of, text = st.session_state.get(_TOLD_OF, ("", ""))
    return text if of == operation_id else ""


def handed_over() -> str:
    """Return, once, the tenant codes another screen has handed to Start jobs, one per line."""
    codes: str = st.session_state.pop(_HANDED_OVER, "")
    return codes


def hand_over(tenant_codes: Iterable[str]) -> None:
    """Hand tenants to Start jobs, in place of what it was about."""
    st.session_state[_HANDED_OVER] = "\n".join(tenant_codes)
    follow(START, None)
    forget_start()


def same_start(made: JobRequest) -> JobRequest:
    """Return the start that is already under review when this one asks for the same.

    Its id is spent by its first sending, so the same is never sent twice from one form.
    """
    kept: JobRequest | None = st.session_state.get(_START)
    if kept is None or replace(made, id=kept.id) != kept:
        st.session_state[_START] = kept = made
    return kept


def forget_start() -> None:
    """Have no start under review."""
    st.session_state.pop(_START, None)


def tree_opened(operation_id: str) -> bool:
    """Say whether the tree of a start's job was opened by itself in this browser session."""
    return operation_id in st.session_state.get(_TREES, frozenset())


def note_tree_opened(operation_id: str) -> None:
    """Note that the tree of a start's job is opened: that happens once."""
    st.session_state[_TREES] = st.session_state.get(_TREES, frozenset()) | {operation_id}


def is_asked(name: str, what: str) -> bool:
    """Say whether a person has agreed to what is costly, and to exactly this."""
    return bool(st.session_state.get(_ASKED + name) == what)


def ask(name: str, what: str) -> None:
    """Note that a person agrees to this."""
    st.session_state[_ASKED + name] = what


def bad_load() -> Mapping[str, str]:
    """Return, once, what is too long for a link of what a bad load is found by: fields, values."""
    fields: Mapping[str, str] = st.session_state.pop(_BAD_LOAD, {})
    return fields


def hand_over_bad_load(fields: Mapping[str, str]) -> None:
    """Hand to Recovery fields of what a bad load is found by."""
    st.session_state[_BAD_LOAD] = fields


def lookup(operation_id: str) -> LookupResult | None:
    """Return what was seen when the job of a start was looked for last."""
    seen: LookupResult | None = st.session_state.get(_LOOKUP + operation_id)
    return seen


def put_lookup(operation_id: str, seen: LookupResult) -> None:
    """Keep what was seen when the job of a start was looked for."""
    st.session_state[_LOOKUP + operation_id] = seen


def keep_list(name: str, text: str) -> None:
    """Keep a pasted list under a name that stands for it, the last few of them."""
    lists = {**st.session_state.get(_LISTS, {}), name: text}
    st.session_state[_LISTS] = dict([*lists.items()][-LISTS_KEPT:])


def kept_list(name: str) -> str | None:
    """Return the pasted list that a name stands for in this browser session."""
    text: str | None = st.session_state.get(_LISTS, {}).get(name)
    return text


def sign_in_again() -> None:
    """Have the credentials of the settings tried once more; forget those that a person typed."""
    made = connection()
    if made is not None and made.is_by_settings:
        made.client.try_to_sign_in_again()
    else:
        sign_out()


def sign_out() -> None:
    """Forget the connection and everything else this session holds."""
    made = connection()
    if made is not None:
        made.forget()
    before = sign_outs()
    st.session_state.clear()
    st.session_state[_SIGNED_OUT] = True
    st.session_state[_SIGN_OUTS] = before + 1


def sign_outs() -> int:
    """Return how often this browser session was signed out."""
    made: int = st.session_state.get(_SIGN_OUTS, 0)
    return made


def has_signed_out() -> bool:
    """Whether the person left on purpose, so that nothing signs them in again unasked."""
    return bool(st.session_state.get(_SIGNED_OUT))

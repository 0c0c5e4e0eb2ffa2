"""The one error boundary: a typed error becomes a sentence and a next step."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import flash, session, wording
from dashboard.components import fetch_progress, formats
from dashboard.streamlit_compat import user_activity
from services import frames, ledger, visier
from services.clock import CLOCK
from services.operations import NotAllowed


@dataclass(frozen=True, slots=True)
class Face:
    """How one kind of error looks."""

    title: str
    icon: str


# The first that fits counts: special errors stand before general ones.
FACES: dict[type[Exception], Face] = {
    visier.RateLimited: Face("Call budget used up", ":material/hourglass_top:"),
    NotAllowed: Face("Not allowed here", ":material/lock:"),
    visier.NotPermitted: Face("Not permitted", ":material/lock:"),
    visier.SignedOut: Face("Signed out", ":material/logout:"),
    visier.PasswordRefused: Face("Sign-in refused", ":material/password:"),
    visier.ApiKeyRefused: Face("API key refused", ":material/key_off:"),
    visier.UnknownVanityName: Face("Unknown vanity name", ":material/travel_explore:"),
    visier.UntrustedServer: Face("Certificate not trusted", ":material/gpp_bad:"),
    visier.Unreachable: Face("Visier cannot be reached", ":material/cloud_off:"),
    visier.NotFound: Face("Not found", ":material/search_off:"),
    visier.UnreadableAnswer: Face("Unreadable answer", ":material/broken_image:"),
    visier.NoAnswer: Face("No answer from Visier", ":material/signal_disconnected:"),
    visier.VisierError: Face("Visier reports an error", ":material/error:"),
    frames.UnexpectedResponse: Face("Unreadable answer", ":material/broken_image:"),
    ledger.Elsewhere: Face("Belongs to another connection", ":material/link_off:"),
    ledger.UnknownOperation: Face("Unknown operation", ":material/search_off:"),
    ledger.RuleRefused: Face("Not saved", ":material/block:"),
    ledger.UnknownRule: Face("The rule is gone", ":material/search_off:"),
    ledger.UnknownIncident: Face("The incident is over", ":material/search_off:"),
    ledger.UnknownMessage: Face("Nothing to send", ":material/search_off:"),
    ledger.LedgerTrouble: Face("Ledger unavailable", ":material/database_off:"),
    visier.StillFetching: Face(fetch_progress.READING, ":material/downloading:"),
    visier.InvalidArgument: Face("Cannot be sent", ":material/block:"),
}


KNOWN = tuple(FACES)


REFUSALS = (visier.SignedOut, visier.PasswordRefused)
# What is not about one read alone: the next would fail alike.
OF_EVERY_READ = (
    *REFUSALS,
    visier.ApiKeyRefused,
    visier.UntrustedServer,
    visier.Unreachable,
    visier.RateLimited,
)


COUNT_DOWN = "You can sign in again in {left}."
GOES_ON = "Continues automatically in {left}."
TYPE_ANOTHER = "Enter a new security token above. This page keeps its state."
SIGN_IN_NOW = "The call budget is available again. Sign in."


@contextmanager
def boundary(name: str = "") -> Iterator[None]:
    """Show an error of the API in place of what failed; unknown errors pass through.

    What stands in the boundary of the page has one of its own name: both may fail in one run.
    """
    try:
        yield
    except KNOWN as error:
        show(error, name and f".{name}")


@contextmanager
def part(name: str) -> Iterator[None]:
    """Show an error of one part of a page in its place; what concerns all parts passes through."""
    try:
        yield
    except OF_EVERY_READ:
        raise
    except KNOWN as error:
        show(error, f".{name}")


@contextmanager
def sign_in_boundary(refused: str) -> Iterator[None]:
    """Show why a sign-in failed, below its form; `refused` is what to check when it is refused."""
    try:
        yield
    except REFUSALS as error:
        _draw(error, FACES[visier.PasswordRefused], refused)
    except visier.RateLimited as error:
        with _draw(error, _face(error), advice(error)):
            _asked(error)
            _countdown(error, ".sign_in", COUNT_DOWN, SIGN_IN_NOW)
    except KNOWN as error:
        _draw(error, _face(error), advice(error))


@contextmanager
def kept() -> Iterator[None]:
    """Keep an error of a callback, to be shown in the run that follows."""
    try:
        yield
    except KNOWN as error:
        keep(error)


@dataclass
class _Kept:
    error: Exception | None = None
    shown: Exception | None = None


def keep(error: Exception) -> None:
    """Keep an error of a callback, to be shown in the run that follows."""
    session.own(_Kept).error = error


def keep_shown(*, by_itself: bool) -> None:
    """Keep for one more run what was shown in the last, where nobody has clicked since."""
    kept = session.own(_Kept)
    if by_itself:
        kept.error = kept.error or kept.shown
    kept.shown = None


def show_kept() -> None:
    """Show, once, the error that a callback has kept."""
    kept = session.own(_Kept)
    error, kept.error = kept.error, None
    if error is not None:
        kept.shown = error
        show(error, ".kept")


def show(error: Exception, part: str = "") -> None:
    """Draw an error: what happened, in Visier's words, and what to do next.

    `part` tells apart those of several parts of a page, and what a click has kept.
    """
    if isinstance(error, visier.StillFetching):
        fetch_progress.card(error.of, part)
        return
    with _draw(error, _face(error), TYPE_ANOTHER if _awaits_token(error) else advice(error), part):
        _next_step(error, part)


def _awaits_token(error: Exception) -> bool:
    """Return whether an error tells that the security token a person has typed has ended."""
    made = session.connection()
    return isinstance(error, visier.SignedOut) and made is not None and made.client.awaits_token


def _face(error: Exception) -> Face:
    return next(face for kind, face in FACES.items() if isinstance(error, kind))


def advice(error: Exception) -> str:
    """Return what to do about an error; "" where there is nothing but to try again."""
    if isinstance(error, NotAllowed):
        return "Nothing was sent. Activity records the refusal."
    return error.advice if isinstance(error, visier.VisierError | ledger.LedgerTrouble) else ""


def in_words(error: Exception) -> str:
    """Return what an error says, for people."""
    if isinstance(error, NotAllowed):
        return wording.refusal(error.verb, error.closed)
    return getattr(error, "message", None) or str(error)


def _draw(error: Exception, face: Face, advice: str, part: str = "") -> DeltaGenerator:
    box = st.container(border=True, key=f"error-{type(error).__name__}{part}")
    with box:
        st.markdown(f"## {face.icon} {face.title}")
        words = in_words(error)
        if words != f"{face.title}.":
            # Text of the API is data: never markdown.
            st.text(words)
        if advice:
            st.caption(advice)
        if isinstance(error, visier.VisierError) and error.rci:
            st.text(f"Root cause id for Visier support: {error.rci}")
    return box


def _next_step(error: Exception, part: str) -> None:
    made = session.connection()
    if isinstance(error, visier.VisierError) and error.retry_after:
        _asked(error)
        _countdown(error, part, GOES_ON)
        is_asked = not isinstance(error, visier.RateLimited) or error.asked > 0
        if made is not None and is_asked:
            st.button(
                "Try now",
                key=f"error.now{part}",
                icon=":material/refresh:",
                on_click=made.client.try_now,
            )
    elif _awaits_token(error):
        return
    elif isinstance(error, (*REFUSALS, visier.ApiKeyRefused)):
        st.button(
            "Sign in again",
            key=f"error.sign_in{part}",
            help="Visier may lock a user after several wrong passwords.",
            on_click=session.sign_in_again,
        )
    elif not isinstance(error, NotAllowed | ledger.Elsewhere):
        st.button("Try again", key=f"error.retry{part}", icon=":material/refresh:")


def _asked(error: visier.VisierError) -> None:
    """Show until when Visier asked to wait, where the dashboard retries earlier."""
    asked = error.asked if isinstance(error, visier.RateLimited) else 0.0
    if asked > error.retry_after + 1:
        until = CLOCK.now() + timedelta(seconds=asked)
        st.text(
            f"Visier asked to wait until {formats.here(until)}. The dashboard retries before that.",
            help=formats.exactly(until),
        )


def _countdown(error: visier.VisierError, part: str, words: str, at_the_end: str = "") -> None:
    until = CLOCK.now() + timedelta(seconds=error.retry_after)

    @st.fragment(run_every=1.0, key=f"error.countdown{part}")
    def tick() -> None:
        left = ceil((until - CLOCK.now()).total_seconds())
        if left <= 0:
            user_activity.by_itself()
            # A text drawn just before the rerun would be lost with its run.
            if at_the_end:
                flash.put(at_the_end)
            st.rerun()
        st.text(words.format(left=formats.duration(left)))

    tick()

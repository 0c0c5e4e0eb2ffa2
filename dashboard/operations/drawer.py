"""What a screen holds of a change: the plan under review, then the operation that is followed."""

from dataclasses import dataclass

import streamlit as st

from dashboard import session
from dashboard.components import page
from services.operations import Plan

START = "start"
"""The name under which Start jobs follows what it has started."""
ACTIVITY = "activity"
"""The name under which Activity shows an operation, and reviews what follows from it."""
LOST = "The plan that was under review was not applied. It is gone since the page was reloaded."


@dataclass(frozen=True, slots=True)
class Review:
    """A plan under review, in words how its items were found when it was made, and why so far."""

    plan: Plan
    selected_by: str
    reason: str = ""


@dataclass
class Drawer:
    """What is reviewed or followed under one name."""

    reviewed: Review | None = None
    operation: str | None = None
    unfolded_in: page.Visit | None = None

    @property
    def under_review(self) -> Review | None:
        """The plan under review, None once it is applied and followed."""
        is_applied = self.reviewed and self.reviewed.plan.id == self.operation
        return None if is_applied else self.reviewed

    def review(self, plan: Plan, selected_by: str, reason: str = "") -> None:
        """Put a plan under review."""
        self.reviewed = Review(plan, selected_by, reason)

    def discard(self) -> None:
        """Discard what is under review."""
        self.reviewed = None

    def follow(self, operation_id: str | None) -> None:
        """Follow an operation, or none."""
        if operation_id is not None:
            awaited().add(operation_id)
        self.operation = operation_id
        self.unfold()

    def unfollow(self, operation_id: str, before: str | None = None) -> None:
        """Show what was shown before an operation that could not be begun after all."""
        awaited().discard(operation_id)
        self.follow(before)

    def unfold(self) -> None:
        """Show what is followed in full until the page is left."""
        self.unfolded_in = page.visit()

    @property
    def is_folded(self) -> bool:
        """Whether the page was left since what is followed was shown in full."""
        return self.unfolded_in != page.visit()


def drawer(name: str) -> Drawer:
    """Return what this browser session reviews or follows under a name."""
    return session.own(Drawer, name)


def reload_guard() -> None:
    """Draw the button, which nobody sees, that browser.js presses once a reload has lost a plan.

    What is under review is held by the session, which a reload ends: only the tab still knows.
    """
    held = (each for each in st.session_state.values() if isinstance(each, Drawer))
    name = "plan-held" if any(each.under_review for each in held) else "plan-none"
    st.button("Plan", key=name, on_click=_say_lost)


def _say_lost() -> None:
    st.toast(LOST, icon=":material/warning:", duration="long")


def awaited() -> set[str]:
    """Return the ids of the operations whose end this browser session has not seen yet.

    What they change has to be read anew then.
    """
    return session.kept("awaited", set)

"""The way from other screens to Start jobs, with the tenants that a start is for."""

from collections.abc import Collection
from dataclasses import dataclass

from dashboard import navigation, session
from dashboard.operations import confirm_start
from dashboard.operations.drawer import START, drawer
from services.operations import Verb

KIND_OF_START, TENANTS = "start_kind", "start_tenants"
# Codes of about 12 letters: more make an address that proxies may refuse.
IN_LINK_AT_MOST = 50


@dataclass
class _HandedOver:
    codes: str = ""


def take() -> str:
    """Return, once, the tenant codes another screen has handed to Start jobs, one per line."""
    handed_over = session.own(_HandedOver)
    codes, handed_over.codes = handed_over.codes, ""
    return codes


def hand_over(
    codes: Collection[str], verb: Verb = Verb.START_PROCESSING, *, reason: str = ""
) -> None:
    """Leave for Start jobs with these tenants, which stand in its address where they are few.

    `reason` is what stands there to begin with.
    """
    session.own(_HandedOver).codes = "\n".join(codes)
    drawer(START).follow(None)
    confirm_start.forget(reason)
    linked = list(codes) if len(codes) <= IN_LINK_AT_MOST else []
    query = {TENANTS: linked, KIND_OF_START: verb.value}
    navigation.go_to(navigation.START_JOBS, {name: value for name, value in query.items() if value})

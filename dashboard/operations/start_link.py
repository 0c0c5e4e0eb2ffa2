"""The way from other screens to Start jobs, with the tenants that a start is for."""

from collections.abc import Collection

from dashboard import navigation, session
from dashboard.operations import start_wording
from services.operations import Verb

KIND_OF_START, TENANTS = "start_kind", "start_tenants"
IN_LINK_AT_MOST = 50


def hand_over(codes: Collection[str], verb: Verb = Verb.START_PROCESSING) -> None:
    """Leave for Start jobs with these tenants, which stand in its address where they are few."""
    session.hand_over(codes)
    linked = list(codes) if len(codes) <= IN_LINK_AT_MOST else []
    query = {TENANTS: linked, KIND_OF_START: start_wording.STARTS[verb]}
    navigation.go_to(navigation.START_JOBS, {name: value for name, value in query.items() if value})

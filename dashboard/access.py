"""Who may come in, for how long, and what they may do."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

import streamlit as st

from dashboard import bootstrap, flash, list_load, oidc_user, session, wording
from dashboard.connection import Connection
from dashboard.oidc_user import OidcUser
from dashboard.settings import ANY_VERB, RENAMED, Settings, former_names_given
from dashboard.streamlit_compat import user_activity
from services.clock import CLOCK
from services.operations import (
    EVERY_VERB,
    FORMER_NAMES,
    Bar,
    Closed,
    Permissions,
    permitted,
)

P = ParamSpec("P")

_log = logging.getLogger("dashboard")


def idle_words(given: Settings) -> str:
    """Return the time without a click after which a connection is forgotten."""
    return f"{given.dashboard_idle_minutes:g} minutes"


def providers() -> dict[str | None, str]:
    """Return the OIDC providers, as `st.login` calls them and as people read them."""
    auth = bootstrap.auth_section() or {}
    named: dict[str | None, str] = {
        name: name.capitalize()
        for name, section in auth.items()
        if isinstance(section, Mapping) and section.get("client_id")
    }
    if auth.get("client_id"):
        named[None] = urlsplit(str(auth.get("server_metadata_url"))).hostname or "your account"
    return named


def is_by_oidc() -> bool:
    """Return whether only those may come in whom a provider vouches for.

    Who sets a provider up means it: there is no way around it by typing credentials.
    """
    is_set_up = bootstrap.auth_section() is not None
    return bootstrap.settings().dashboard_require_oidc or is_set_up


def person() -> OidcUser | None:
    """Return who is signed in by OIDC in this browser session, also when that has expired."""
    if not is_by_oidc():
        return None
    given = bootstrap.settings()
    hours = given.dashboard_oidc_hours
    return oidc_user.read(
        st.user.to_dict(),
        groups_claim=given.dashboard_groups_claim,
        holds=None if hours is None else timedelta(hours=hours),
    )


def keeps_out() -> Closed | None:
    """Return why this person may not come in at all, None when they may."""
    if not is_by_oidc():
        return None
    who = person()
    if who is None:
        return Closed(Bar.NOT_SIGNED_IN)
    # A tab that was open keeps the claims it began with, whatever another has signed out.
    if who.sign_in in bootstrap.ended_sign_ins():
        return Closed(Bar.SIGNED_OUT)
    return Closed(Bar.EXPIRED) if who.until <= CLOCK.now() else None


def is_over(connection: Connection) -> Closed | None:
    """Return why a connection is to be forgotten, None while it holds."""
    refusal = keeps_out()
    if refusal:
        return refusal
    who = person()
    if (who.key if who else "") != connection.identity.person:
        return Closed(Bar.SOMEBODY_ELSE)
    limit = timedelta(minutes=bootstrap.settings().dashboard_idle_minutes)
    if may_idle_out(connection) and CLOCK.now() - user_activity.last() > limit:
        return Closed(Bar.IDLE, f"{bootstrap.settings().dashboard_idle_minutes:g}")
    return None


def forget_what_is_over() -> None:
    """Forget every connection of this browser session that does not hold any more."""
    for made in session.connections().values():
        over = is_over(made)
        if over and made is session.connection():
            sign_out(over)
        elif over:
            session.forget_elsewhere(made)


def while_it_holds(draw: Callable[P, None]) -> Callable[P, None]:
    """Return the body of a fragment or dialog that draws only while the connection holds.

    Of these alone Streamlit runs no more than that body. When the connection is over the whole
    script runs instead, which says so.
    """

    @wraps(draw)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        connection = session.connection()
        if connection is None or is_over(connection):
            user_activity.by_itself()
            st.rerun()
        draw(*args, **kwargs)

    return run


def may_idle_out(connection: Connection) -> bool:
    """Return whether somebody signed in for it: what opens by itself would open again."""
    return connection.person is not None or not connection.is_by_settings


def permissions(connection: Connection) -> Permissions:
    """Return what may be done through this connection at this moment.

    Ask when something is to be sent, not when its button is drawn: a click may come late.
    """
    given, who = bootstrap.settings(), connection.person
    actor = connection.actor
    # A sign-in that is over comes first: it says why nothing else holds.
    closed = is_over(connection) or (Closed(Bar.READ_ONLY) if given.dashboard_read_only else None)
    by_group = given.dashboard_permissions
    if closed or by_group is None:
        return Permissions(actor, closed=closed)
    if who is None or who.groups is None:
        claim = given.dashboard_groups_claim
        lacks = Closed(Bar.NO_GROUPS, claim) if who else Closed(Bar.NO_PERSON)
        return Permissions(actor, closed=lacks)
    verbs = permitted(verb for group in who.groups for verb in by_group.get(group, ()))
    return Permissions(actor, EVERY_VERB if ANY_VERB in verbs else verbs)


def sign_out(why: Closed | None = None) -> None:
    """Forget the open connection and what was read through it; end the sign-in by OIDC.

    That is one for all connections, so that they are forgotten with it.
    """
    who = person()
    # A sign-in that is over lets nobody in, and the browser may belong to somebody else by now.
    ends_sign_in = who is not None and not keeps_out() and why != Closed(Bar.SOMEBODY_ELSE)
    list_load.forget()
    session.sign_out()
    flash.put(wording.closed(why) if why else "")
    if who is not None and ends_sign_in:
        for made in session.connections().values():
            session.forget_elsewhere(made)
        bootstrap.ended_sign_ins().append(who.sign_in)
        st.logout()


def warn_of_settings() -> None:
    """Warn in the log of settings that an operator may not have meant, and of former names."""
    given = bootstrap.settings()
    for name in former_names_given():
        _log.warning(
            "%s is called %s now. It goes on working where that is not set: rename it.",
            name,
            RENAMED[name],
        )
    by_oidc = is_by_oidc()
    for each in given.connections.values():
        if each.credentials and not each.is_embedded and not by_oidc:
            _log.warning(
                "EVERYONE who can reach this dashboard acts in Visier as %s without signing in: "
                "use this on your own machine only. For more people set up [auth] and "
                "DASHBOARD_REQUIRE_OIDC.",
                each.username,
            )
    if by_oidc and not providers():
        _log.warning("Nobody can sign in: OpenID Connect is required, but [auth] has no provider.")
    if given.dashboard_permissions is not None and not by_oidc:
        _log.warning(
            "Nothing can be sent: permissions need groups from OpenID Connect, and it is not "
            "configured."
        )
    for group, verbs in (given.dashboard_permissions or {}).items():
        for former in sorted(FORMER_NAMES.keys() & verbs):
            _log.warning(
                "DASHBOARD_PERMISSIONS gives %s “%s”, a name of an earlier version. It permits "
                "what it did: name %s in its place.",
                group,
                former,
                " and ".join(sorted(FORMER_NAMES[former])),
            )

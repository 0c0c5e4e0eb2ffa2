"""Sign in: with a provider, where one is set up; then a vanity name, a key and credentials."""

import logging

import streamlit as st
from streamlit.errors import StreamlitAuthError

from dashboard import (
    access,
    bootstrap,
    connections,
    flash,
    list_load,
    navigation,
    session,
    wording,
)
from dashboard.connection import Connection
from dashboard.oidc_user import OidcUser
from pages.sign_in import form
from services.operations import Bar, Closed

log = logging.getLogger("dashboard")
WIDTH = 640


def main() -> None:
    """Ask who it is, and then for what that person needs to connect."""
    with st.container(horizontal_alignment="center"), st.container(width=WIDTH):
        notice = flash.pop()
        kept_out = access.keeps_out()
        if kept_out:
            _with_a_provider(kept_out, notice)
            return
        name = session.open_name()
        st.title(f"Sign in to {name}" if name else "Connect to your tenant", anchor=False)
        if notice:
            st.info(notice)
        who = access.person()
        if who is not None:
            _person(who)
        if who is not None and bootstrap.configured(name).credentials:
            _go_on(who)
        else:
            _by_credentials()


def _with_a_provider(kept_out: Closed, notice: str) -> None:
    """Draw the one way in there is: signing in with a provider."""
    st.title("Sign in", anchor=False)
    if kept_out.why is not Bar.NOT_SIGNED_IN:
        st.warning(wording.closed(kept_out), icon=":material/lock_clock:")
    elif notice:
        st.info(notice)
    st.caption("Use your company account to open the Visier load dashboard.")
    providers = access.providers()
    if not providers:
        st.error(
            "Nobody can sign in: the operator of this dashboard must configure an identity "
            "provider."
        )
    for name, title in providers.items():
        if st.button(
            f"Sign in with {title}",
            key=f"sign_in.with.{name or 'default'}",
            type="primary",
            icon=":material/login:",
        ):
            try:
                st.login(name)
            except StreamlitAuthError:
                log.exception("[auth] in secrets.toml is not what st.login needs")
                st.error("Sign-in is misconfigured. The server log has the details.")
    st.caption(f"You are signed out after {access.idle_words(bootstrap.settings())} of inactivity.")


def _person(who: OidcUser) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="person"):
        st.markdown(":material/account_circle:", width="content")
        st.text(f"Signed in as {who.name}", width="stretch")
        st.button(
            "Sign out", key="sign_in.sign_out", icon=":material/logout:", on_click=access.sign_out
        )


def _go_on(who: OidcUser) -> None:
    st.caption("This dashboard connects with its own credentials.")
    if st.button("Connect", type="primary", icon=":material/login:", key="sign_in.go_on"):
        made = bootstrap.default_connection(who, session.open_name())
        if made is not None:
            _open(made)


def _by_credentials() -> None:
    st.caption(
        "Your credentials stay in this server's memory until you sign out, or until "
        f"{access.idle_words(bootstrap.settings())} of inactivity. Reloading or closing the tab "
        "signs you out too. They are never stored or logged."
    )
    made = form.draw()
    if made is not None:
        _open(made)
    if connections.several():
        return
    st.divider()
    if st.button("Open the sandbox instead", icon=":material/science:", key="sign_in.sandbox"):
        _open(bootstrap.sandbox_connection(access.person()))
    st.caption("A simulated Visier with tenants, uploads and jobs to try everything.")


def _open(made: Connection) -> None:
    """Show what the person came for, or the first screen."""
    came_for_another_page = session.connection() is None
    list_load.forget()
    session.sign_in(made)
    if came_for_another_page:
        st.rerun()
    navigation.go_to(navigation.SCREENS[0])


main()

"""Asking for source files: a button, then a link that hands them on once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import access, bootstrap, browser_mark, session
from dashboard.components import errors, permits
from dashboard.connection import Connection
from dashboard.tickets import PATH, Ticket
from services.frames.membership import is_among
from services.operations import Verb
from services.operations.downloads import Wanted, refuse
from services.visier import InvalidArgument

NO_COOKIE = "Downloads need cookies, and this browser blocks them."
ONCE = "The link works once, within a minute, in this browser. Activity records the download."
SELECT_ONE = "Select one file to download it."
NO_IDENTIFIER = "This file cannot be downloaded: Visier lists no identifier for it."


@dataclass
class _Offered:
    """Where the download that was asked for last is begun."""

    links: dict[str, str] = field(default_factory=dict)


def of_selected(connection: Connection, files: pd.DataFrame, selection: str) -> None:
    """Draw what downloads the one file of a list, with its `key`, that is selected."""
    chosen = files[is_among(files["key"], session.selected(selection))]
    named = chosen[["tenant_code", "identifier", "filename"]].fillna("").drop_duplicates()
    if len(named) != 1:
        st.caption(SELECT_ONE)
        return
    tenant_code, identifier, filename = named.iloc[0]
    # Without an identifier Visier would be asked for all the files of the tenant.
    if not identifier:
        st.caption(NO_IDENTIFIER)
        return
    saved_as = filename if filename.endswith(".zip") else f"{filename}.zip"
    make = partial(Wanted, tenant_code, filename, saved_as, identifier=identifier)
    _offer(connection, "Download the file", make)


def several(connection: Connection, tenant_code: str, query: Mapping[str, Any]) -> None:
    """Draw what downloads all files of a tenant that fit a query, in one archive."""
    with_excluded = st.checkbox("Include excluded files", key="file.download.excluded")
    query = {**query, "include_non_active_files": with_excluded}
    make = partial(Wanted, tenant_code, "", f"{tenant_code}_source_files.zip", query=query)
    _offer(connection, "Download these files", make)


def _offer(connection: Connection, words: str, make: "partial[Wanted]") -> None:
    may = permits.explain(connection, Verb.DOWNLOAD_FILES)
    asked = repr((make.args, make.keywords))

    def ask() -> None:
        # What is asked for anew is a download of its own.
        try:
            session.own(_Offered).links = {asked: _link(connection, make())}
        except errors.KNOWN as error:
            errors.keep(error)

    # A drawer runs alone, without the head of its page, which shows these elsewhere.
    errors.show_kept()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"{words}…",
            key="file.download",
            icon=":material/download:",
            on_click=ask,
            disabled=not may,
        )
        link = session.own(_Offered).links.get(asked)
        if link:
            st.link_button("Save", link, icon=":material/save:", type="primary")
            st.caption(ONCE, width="content")


def _link(connection: Connection, wanted: Wanted) -> str:
    """Return the address of a download; raises NotAllowed, and writes that down."""
    may, browser = access.permissions(connection), browser_mark.of_session()
    identity = connection.identity.name
    refuse(connection.ledger, may, wanted, connection.actor, identity)
    if not browser:
        raise InvalidArgument(NO_COOKIE)
    token = bootstrap.tickets().issue(Ticket(wanted, connection, may, browser))
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{PATH}/{token}" if base else f"{PATH}/{token}"

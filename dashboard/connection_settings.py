"""The settings of one connection: to which Visier, as whom, and of which kind it is."""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import ErrorDetails

from dashboard.setting_kinds import WANTED, HeaderText, Host, Key, Line, Secret, VanityName
from services import visier

SETTING: Final = "dashboard_connections"
DEFAULT: Final = "default"
"""What the connection of the `VISIER_*` settings is called beside others."""
# What a variable of one connection is called: DASHBOARD_CONNECTIONS__EMEA__APIKEY.
_BY_VARIABLE: Final = re.compile(rf"{SETTING}__(?P<name>.+?)__(?P<field>.+)", re.IGNORECASE)
NO_ADDRESS: Final = "must have a host or a vanity, unless its kind is sandbox"
UNKNOWN: Final = (
    "{name} is not a setting. Did you mean {near}? docs/operating.md explains how to set up several"
    " connections."
)

Kind = Literal["sandbox", "test", "production"]


def _is_free(name: str) -> str:
    if name == DEFAULT:
        raise ValueError
    return name


# As a variable's name can hold it, and as it needs no escape in an address or in markdown.
ConnectionName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=32),
    AfterValidator(_is_free),
]


class ConnectionSettings(BaseModel):
    """One connection; each field is what `VISIER_*` of the same name is where there is only one."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    vanity: VanityName | None = None
    host: Host | None = None
    apikey: Key | None = None
    username: Line | None = None
    password: Secret | None = None
    client_id: Line | None = None
    client_secret: Secret | None = None
    target_tenant_id: HeaderText | None = None
    kind: Kind | None = None
    body_encoding: Literal["samples", "openapi"] = "samples"

    @model_validator(mode="after")
    def _has_an_address(self) -> "ConnectionSettings":
        if not (self.host or self.vanity or self.kind == "sandbox"):
            raise ValueError(NO_ADDRESS)
        return self

    @property
    def is_embedded(self) -> bool:
        """Whether it is the embedded sandbox: one of this kind that has no address."""
        return not (self.host or self.vanity)

    @property
    def address(self) -> str:
        """The base URL; raises ValueError for the embedded sandbox, which has another each time."""
        return self.host or visier.base_url(self.vanity or "")

    @property
    def credentials(self) -> visier.Credentials | None:
        """The credentials, or None when they are not whole: each person then signs in."""
        if not (self.apikey and self.username and self.password):
            return None
        api_key, password = self.apikey.get_secret_value(), self.password.get_secret_value()
        if self.client_id and self.client_secret:
            secret = self.client_secret.get_secret_value()
            return visier.OAuth(api_key, self.client_id, secret, self.username, password)
        return visier.Password(api_key, self.username, password, self.vanity or "")


def in_environment() -> dict[str, dict[str, str]]:
    """Return by connection and field what variables of their own say; an empty one says nothing."""
    found: dict[str, dict[str, str]] = {}
    for variable, text in os.environ.items():
        named = _BY_VARIABLE.fullmatch(variable)
        if named and text:
            found.setdefault(named["name"].lower(), {})[named["field"].lower()] = text
    return found


def is_variable(name: str) -> bool:
    """Return whether a variable is called as those of one connection are."""
    return bool(_BY_VARIABLE.fullmatch(name))


def sentence(details: ErrorDetails) -> str:
    """Return what is wrong in a table of connections, without any value in it."""
    whole = SETTING.upper()
    match details["loc"][1:]:
        case (name, field) if details["type"] == "extra_forbidden":
            (near,) = get_close_matches(
                str(field).lower(), [*ConnectionSettings.model_fields], n=1, cutoff=0
            )
            return UNKNOWN.format(name=f"{whole}.{name}.{field}", near=f"{whole}.{name}.{near}")
        case (name, str(field)) if field in ConnectionSettings.model_fields:
            return f"{whole}.{name}.{field} must be {WANTED[f'visier_{field}']}."
        case (name,) if details["type"] == "value_error":
            return f"{whole}.{name} {NO_ADDRESS}."
    return f"{whole} must be {WANTED[SETTING]}."


def host_of(base_url: str) -> str:
    """Return the host, port and path, as a person knows them: one Visier has always the same."""
    parts = urlsplit(base_url)
    usual = ":443" if parts.scheme == "https" else ":80"
    return f"{parts.netloc.lower().removesuffix(usual)}{parts.path.rstrip('/')}"


def same_place(connections: Mapping[str, ConnectionSettings]) -> Iterator[tuple[str, str]]:
    """Yield two connections each that are to one tenant of one Visier."""
    first: dict[tuple[str, str | None], str] = {}
    for name, each in connections.items():
        # By these the ledger tells places apart.
        place = "" if each.is_embedded else host_of(each.address), each.target_tenant_id
        other = first.setdefault(place, name)
        if other != name:
            yield other, name

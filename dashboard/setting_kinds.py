"""Types of setting values: an invalid one is refused at start, not when it is first used."""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from services import ledger, visier
from services.visier.protocol import checked_address, travels_in_header

_HOST_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)
_LABEL_AT_MOST: Final = 63  # letters of a part of a host name, RFC 1035
# So many days ago still lies within every calendar that is reckoned with here.
_A_CENTURY: Final = 36_500
# Unicode categories: controls, half characters, line and paragraph separators.
_NOT_IN_A_LINE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})

WANTED: Final[Mapping[str, str]] = {
    "visier_vanity": "the first part of your tenant's address, such as jupiter: up to 63 lower-case"
    " letters, digits and hyphens",
    "visier_host": "an address such as https://jupiter.api.visier.io: https and a host, optionally"
    " with a port up to 65535 and a path",
    "visier_apikey": "the key issued by Visier, on one line, without spaces or accents",
    "visier_username": "a user name, on one line",
    "visier_password": "a password, on one line",
    "visier_client_id": "the id of an OAuth 2.0 client, on one line",
    "visier_client_secret": "the secret of an OAuth 2.0 client, on one line",
    "visier_target_tenant_id": "a tenant code such as WFF_j1r~e1a, on one line, without spaces or"
    " accents",
    "visier_body_encoding": "samples or openapi",
    "visier_kind": "production, test or sandbox",
    "dashboard_connections": "a table for each connection (JSON in an environment variable); a name"
    " has up to 32 lower-case letters and digits, with hyphens or underscores between them, and is"
    " not default; see docs/operating.md",
    "dashboard_ledger_url": "an address such as sqlite:////srv/ledger.sqlite3 or"
    " postgresql+psycopg://user@host/ledger (needs psycopg)",
    "dashboard_ledger_days": "a whole number of days from 1 to 36500",
    "dashboard_job_observations_days": "a whole number of days from 1 to 36500",
    "dashboard_watch": "true or false",
    "dashboard_watch_minutes": "a whole number of minutes from 1 to 1440",
    "dashboard_watch_zone": "a time zone such as Europe/Berlin or UTC",
    "dashboard_nights_days": "a whole number of days from 1 to 36500",
    "dashboard_fallback_days": "a whole number of days from 1 to 36500",
    "dashboard_fresh_hours": "a whole number of hours from 1 to 8760",
    "dashboard_destinations": "a table of names, each with an address of apprise such as"
    " mailto://user:password@example.com (JSON in an environment variable); a name has up to 32"
    " lower-case letters and digits, with hyphens or underscores between them; see"
    " docs/operating.md",
    "dashboard_public_url": "an address such as https://loads.example.com: https and a host,"
    " optionally with a port up to 65535 and a path",
    "dashboard_download_mb": "a number of megabytes above 0 and up to 100000",
    "dashboard_idle_minutes": "a number of minutes above 0 and up to 525600",
    "dashboard_require_oidc": "true or false",
    "dashboard_oidc_hours": "a number of hours above 0 and up to 720",
    "dashboard_read_only": "true or false",
    "dashboard_permissions": "a table of groups, each with a list of verbs (JSON in an environment"
    " variable); see docs/operating.md",
    "dashboard_groups_claim": "the name of a claim, on one line",
    "dashboard_log_format": "text or json",
    "dashboard_metrics_port": "a port from 1 to 65535",
    "dashboard_metrics_address": "an address of this computer, such as 127.0.0.1 or 0.0.0.0",
    "dashboard_webhook_key": "the value of the encryption key that the webhook names, on one line",
    "dashboard_sandbox_tenants": "a whole number from 1 to 50000",
    "dashboard_sandbox_seed": "a whole number from 0 to 4294967295",
    "dashboard_sandbox_speed": "a number from 0 to 10000",
    "dashboard_sandbox_rate_limit": "a whole number from 0 to 1000000",
}
"""What each setting must be: the end of a sentence for the operator."""


def _that(holds: Callable[[str], bool]) -> AfterValidator:
    """Return what refuses a text of which this does not hold; the sentence is in WANTED."""

    def check(value: str) -> str:
        if not holds(value):
            raise ValueError
        return value

    return AfterValidator(check)


def _secret_that(holds: Callable[[str], bool]) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not holds(value.get_secret_value()):
            raise ValueError
        return value

    return AfterValidator(check)


def _is_line(text: str) -> bool:
    """Return whether a text has neither line breaks nor other controls, nor half characters."""
    return bool(text) and not {unicodedata.category(each) for each in text} & _NOT_IN_A_LINE


def _is_vanity_name(text: str) -> bool:
    visier.base_url(text)
    return len(text) <= _LABEL_AT_MOST


def _is_host(text: str) -> bool:
    parts = urlsplit(checked_address(text))
    is_free_of_users = "@" not in parts.netloc
    # To ask for the port raises ValueError where there can be none of that number.
    return is_free_of_users and parts.port != 0 and is_address(parts.hostname or "")


def is_address(text: str) -> bool:
    """Return whether it is an IP address or could be the name of a host."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(text.encode("idna").decode()))
    return True


def _is_zone(text: str) -> bool:
    return text in available_timezones()


def _names_a_ledger(text: str) -> bool:
    try:
        ledger.address(text)
    except ledger.LedgerTrouble:
        return False
    return True


def _is_destination(text: str) -> bool:
    # Loaded with its 140 services only where somebody uses one.
    from services.notifications.destinations import is_address as apprise_knows  # noqa: PLC0415

    return _is_line(text) and apprise_knows(text)


_Text = Annotated[str, StringConstraints(strip_whitespace=True)]

Line = Annotated[_Text, _that(_is_line)]
HeaderText = Annotated[_Text, _that(travels_in_header)]
VanityName = Annotated[_Text, _that(_is_vanity_name)]
Host = Annotated[_Text, _that(_is_host)]
Address = Annotated[_Text, _that(is_address)]
LedgerUrl = Annotated[_Text, _that(_names_a_ledger)]
Zone = Annotated[_Text, _that(_is_zone)]
Secret = Annotated[SecretStr, _secret_that(_is_line)]
Key = Annotated[SecretStr, _secret_that(travels_in_header)]
DestinationName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+([_-][a-z0-9]+)*$", max_length=32)
]
DestinationAddress = Annotated[SecretStr, _secret_that(_is_destination)]
Days = Annotated[int, Field(ge=1, le=_A_CENTURY)]
Port = Annotated[int, Field(ge=1, le=65_535)]

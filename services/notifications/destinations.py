"""Where messages go: addresses of apprise, known here by name only.

An address is a secret. Apprise logs parts of addresses, and errors of what it uses name hosts: none
of it leaves this module.
"""

import logging
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from apprise import Apprise, AppriseAsset, AppriseResultStatus, NotifyFormat
from apprise.logger import NotifyLogEntry
from pydantic import SecretStr

SECONDS_AT_MOST: Final = 60
# A receiver may take longer than apprise's four seconds, and who waits is no person.
_READ_TIMEOUT: Final = 20.0
_APPRISE: Final = logging.getLogger("apprise")
# What was sent may have arrived: no answer came, or the connection broke after it was made.
_UNCLEAR: Final = re.compile(
    r"timed out|aborted|disconnected|unexpectedly closed|reset by peer|broken|incomplete",
    re.IGNORECASE,
)
# No connection was made, or mail was refused before any of it was sent.
_NEVER_LEFT: Final = re.compile(
    r"failed to establish|name or service not known|failed to resolve|connect timeout"
    r"|connection error while submitting|connection refused|certificate",
    re.IGNORECASE,
)


class Delivered(StrEnum):
    """What became of a message that was handed over."""

    SENT = "sent"
    REFUSED = "refused"
    """It did not arrive: no connection, or the receiver refused it."""
    UNCLEAR = "unclear"
    """It may have arrived, for all or for some."""


class Destinations:
    """The destinations of the settings by name."""

    def __init__(self, addresses: Mapping[str, SecretStr]) -> None:
        self._addresses = addresses

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the order of the settings."""
        return tuple(self._addresses)

    def send(self, name: str, title: str, body: str) -> Delivered:
        """Send plain text once and return what became of it; raises KeyError."""
        entries: list[NotifyLogEntry] = []
        result = _made(self._addresses[name].get_secret_value()).notify(
            body=body,
            title=title,
            body_format=NotifyFormat.TEXT,
            timeout=SECONDS_AT_MOST,
            log_callback=lambda entry, _: entries.append(entry),
            log_level=logging.DEBUG,
        )
        if result:
            return Delivered.SENT
        if result.status is AppriseResultStatus.TIMEOUT:
            return Delivered.UNCLEAR
        return _what_became_of([each.message for each in entries if _tells(each)])


def is_address(text: str) -> bool:
    """Return whether apprise knows what to do with an address; nothing is sent."""
    return len(_made(text)) == 1


def _made(address: str) -> Apprise:
    _quiet()
    # Without a folder of its own, whatever a destination wants to remember.
    made = Apprise(asset=AppriseAsset(async_mode=False, secure_logging=True))
    made.add(address)
    for each in made:
        each.socket_read_timeout = max(each.socket_read_timeout, _READ_TIMEOUT)
        # Sent again is what the outbox says, and nothing else.
        each.retry = 0
    return made


def _quiet() -> None:
    """Keep what apprise logs out of every log: it names hosts, and people by their addresses."""
    if _APPRISE.propagate:
        _APPRISE.addHandler(logging.NullHandler())
        _APPRISE.propagate = False
    # Its entries tell how it failed, and are looked at here alone.
    _APPRISE.setLevel(logging.DEBUG)


def _tells(entry: NotifyLogEntry) -> bool:
    """Return whether an entry tells how it went: others repeat what was to be sent."""
    return entry.level != "DEBUG" or entry.message.startswith("Socket Exception")


def _what_became_of(entries: list[str]) -> Delivered:
    if any(entry.startswith("Sent ") for entry in entries):
        # To several at once, of whom some have it.
        return Delivered.UNCLEAR
    if any(map(_NEVER_LEFT.search, entries)):
        return Delivered.REFUSED
    return Delivered.UNCLEAR if any(map(_UNCLEAR.search, entries)) else Delivered.REFUSED

"""The client of Visier's Data and Job Handling API."""

from .answers import ReceivedFile
from .auth import Credentials, OAuth, Password, SecurityToken
from .client import Client, connect
from .endpoints import ENDPOINTS, BodyEncoding, Operation, Repeat
from .errors import (
    ApiKeyRefused,
    Interrupted,
    InvalidArgument,
    NoAnswer,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    PasswordRefused,
    RateLimited,
    Refused,
    ServerTrouble,
    SignedOut,
    UnknownVanityName,
    Unreachable,
    UnreadableAnswer,
    VisierError,
)
from .exchanges import Exchange
from .governor import Budget, Governor, Lane
from .protocol import Payload, base_url, iso_utc
from .transport import Timeouts

__all__ = [
    "ENDPOINTS",
    "ApiKeyRefused",
    "BodyEncoding",
    "Budget",
    "Client",
    "Credentials",
    "Exchange",
    "Governor",
    "Interrupted",
    "InvalidArgument",
    "Lane",
    "NoAnswer",
    "NotFound",
    "NotPermitted",
    "OAuth",
    "Operation",
    "OutcomeUnknown",
    "Password",
    "PasswordRefused",
    "Payload",
    "RateLimited",
    "ReceivedFile",
    "Refused",
    "Repeat",
    "SecurityToken",
    "ServerTrouble",
    "SignedOut",
    "Timeouts",
    "UnknownVanityName",
    "Unreachable",
    "UnreadableAnswer",
    "VisierError",
    "base_url",
    "connect",
    "iso_utc",
]

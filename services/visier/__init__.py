"""The client of Visier's Data and Job Handling API."""

from .answers import FileResponse
from .auth import Credentials, OAuth, Password, SecurityToken
from .client import Client, connect
from .endpoints import ENDPOINTS, LATEST_LISTED, PAGE_SIZE, BodyEncoding, Operation, Repeat
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
    UntrustedServer,
    VisierError,
)
from .list_fetch import InTurn, ListFetch, ListSpec
from .protocol import Payload, base_url, iso_utc
from .rate_limiter import Budget, Lane, RateLimiter
from .request_log import LoggedRequest
from .shared_list import Progress, SharedList, StillFetching
from .shared_lists import SharedLists
from .transport import Timeouts

__all__ = [
    "ENDPOINTS",
    "LATEST_LISTED",
    "PAGE_SIZE",
    "ApiKeyRefused",
    "BodyEncoding",
    "Budget",
    "Client",
    "Credentials",
    "FileResponse",
    "InTurn",
    "Interrupted",
    "InvalidArgument",
    "Lane",
    "ListFetch",
    "ListSpec",
    "LoggedRequest",
    "NoAnswer",
    "NotFound",
    "NotPermitted",
    "OAuth",
    "Operation",
    "OutcomeUnknown",
    "Password",
    "PasswordRefused",
    "Payload",
    "Progress",
    "RateLimited",
    "RateLimiter",
    "Refused",
    "Repeat",
    "SecurityToken",
    "ServerTrouble",
    "SharedList",
    "SharedLists",
    "SignedOut",
    "StillFetching",
    "Timeouts",
    "UnknownVanityName",
    "Unreachable",
    "UnreadableAnswer",
    "UntrustedServer",
    "VisierError",
    "base_url",
    "connect",
    "iso_utc",
]

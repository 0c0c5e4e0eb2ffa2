"""Ways to sign in, and the one token that all threads of a connection share."""

import math
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from .errors import ApiKeyRefused, PasswordRefused, SignedOut, UnreadableAnswer, VisierError
from .protocol import Payload, header_safe, travels_in_header

# Visier publishes no lifetime of a security token; its official SDK assumes an hour.
TOKEN_LIFETIME = 3600.0
# A token is renewed in the last sixth of its lifetime, before it ends in the middle of a long list.
_FRESH = 5 / 6


@dataclass(frozen=True)
class Grant:
    """The headers that authenticate a request; ``lifetime`` in seconds, None where unlimited."""

    headers: Mapping[str, str] = field(repr=False)
    secret: str = field(repr=False)
    lifetime: float | None = None
    refresh_token: str | None = field(default=None, repr=False)


class TokenCalls(Protocol):
    """The two calls that fetch a token."""

    def security_token(self, username: str, password: str, vanity_name: str) -> str:
        """Fetch a security token."""
        ...

    def oauth_token(self, client_id: str, client_secret: str, **fields: str) -> Payload:
        """Fetch an OAuth 2.0 token."""
        ...


class Credentials(Protocol):
    """What a person signs in with."""

    @property
    def api_key(self) -> str:
        """The API key that every call carries."""
        ...

    @property
    def secrets(self) -> frozenset[str]:
        """Everything that must never be shown."""
        ...

    def grant(self, calls: TokenCalls, previous: Grant | None, /) -> Grant | None:
        """Fetch a grant; None when there is none but the previous one."""
        ...


def _clean(credentials: object, name: str, words: str) -> None:
    object.__setattr__(credentials, name, header_safe(getattr(credentials, name), words))


@dataclass(frozen=True)
class SecurityToken:
    """An API key and a security token fetched elsewhere, which this client cannot renew.

    Raises InvalidArgument for a key or token that cannot travel in a header.
    """

    api_key: str = field(repr=False)
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        _clean(self, "api_key", "API key")
        _clean(self, "token", "security token")

    @property
    def secrets(self) -> frozenset[str]:
        """Everything that must never be shown."""
        return frozenset({self.api_key, self.token})

    def grant(self, _calls: TokenCalls, previous: Grant | None, /) -> Grant | None:
        """Return the token, and None once it was refused."""
        return None if previous else Grant(_cookie(self.token), self.token)


@dataclass(frozen=True)
class Password:
    """An API key, a user name and a password; the vanity name goes along when it is known.

    Raises InvalidArgument for a key that cannot travel in a header.
    """

    api_key: str = field(repr=False)
    username: str
    password: str = field(repr=False)
    vanity_name: str = ""

    def __post_init__(self) -> None:
        _clean(self, "api_key", "API key")

    @property
    def secrets(self) -> frozenset[str]:
        """Everything that must never be shown."""
        return frozenset({self.api_key, self.password})

    def grant(self, calls: TokenCalls, _previous: Grant | None, /) -> Grant:
        """Fetch a security token."""
        token = calls.security_token(self.username, self.password, self.vanity_name)
        return Grant(_cookie(token), token, TOKEN_LIFETIME)


@dataclass(frozen=True)
class OAuth:
    """An API key and an OAuth 2.0 client acting for a user (password grant, then refresh).

    Raises InvalidArgument for a key that cannot travel in a header.
    """

    api_key: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    username: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        _clean(self, "api_key", "API key")

    @property
    def secrets(self) -> frozenset[str]:
        """Everything that must never be shown."""
        encoded = basic(self.client_id, self.client_secret)
        return frozenset({self.api_key, self.client_secret, self.password, encoded})

    def grant(self, calls: TokenCalls, previous: Grant | None, /) -> Grant:
        """Fetch a token, by refresh when possible."""
        if previous is not None and previous.refresh_token:
            try:
                return self._fetch(
                    calls, grant_type="refresh_token", refresh_token=previous.refresh_token
                )
            except PasswordRefused:
                pass  # the refresh token has expired; the password may still work
        return self._fetch(
            calls, grant_type="password", username=self.username, password=self.password
        )

    def _fetch(self, calls: TokenCalls, **fields: str) -> Grant:
        payload = calls.oauth_token(
            # Whether read suffices for changes is not documented.
            self.client_id,
            self.client_secret,
            scope="read write",
            **fields,
        )
        answer = payload if isinstance(payload, dict) else {}
        token = answer.get("access_token")
        if not isinstance(token, str) or not travels_in_header(token):
            raise UnreadableAnswer("The answer holds no access token.", operation="oauth_token")
        refresh_token = answer.get("refresh_token")
        return Grant(
            {"Authorization": f"Bearer {token}"},
            token,
            _seconds(answer.get("expires_in")),
            refresh_token if isinstance(refresh_token, str) else None,
        )


def basic(client_id: str, client_secret: str) -> str:
    """Return the Basic credentials of an OAuth client, each part quoted first (RFC 6749, 2.3.1)."""
    pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    return b64encode(pair.encode()).decode()


def _cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"VisierASIDToken={token}"}


def _seconds(text: object) -> float:
    try:
        seconds = float(str(text))
    except ValueError:
        return TOKEN_LIFETIME
    return seconds if seconds > 0 else TOKEN_LIFETIME


class Auth:
    """Keeps one grant for all threads: fetched once, renewed at five sixths of its lifetime.

    One thread fetches while the others wait for the result. Refused credentials are tried again
    only on request: a repeated wrong password locks a user out.
    """

    def __init__(
        self, credentials: Credentials, calls: TokenCalls, clock: Callable[[], float]
    ) -> None:
        self._credentials = credentials
        self._calls = calls
        self._clock = clock
        self._lock = threading.Lock()
        self._grant: Grant | None = None
        self._stale_at = math.inf
        self._refused: VisierError | None = None
        self._is_over = False

    @property
    def api_key(self) -> str:
        """The API key that every call carries."""
        return self._credentials.api_key

    @property
    def secrets(self) -> frozenset[str]:
        """Everything that must never be shown, the present token included."""
        grant = self._grant
        if grant is None:
            return self._credentials.secrets
        return self._credentials.secrets | {grant.secret, grant.refresh_token or ""}

    def current(self) -> Grant:
        """Return a grant that does not expire soon.

        Raises PasswordRefused, ApiKeyRefused, UnknownVanityName, or why no token could be fetched.
        """
        with self._lock:
            grant = self._grant
            if grant is None or self._clock() >= self._stale_at:
                grant = self._fetch() or grant
            if grant is None:
                raise SignedOut("There is no token to sign in with.")
            return grant

    def renew(self, refused: Grant) -> bool:
        """Replace a grant that was answered with 401; return whether there is another to try."""
        with self._lock:
            # Many threads get a 401 for the same token: the first replaces it for all.
            return self._grant is not refused or self._fetch() is not None

    def note(self, *, refused: bool) -> None:
        """Note whether the last call was refused for its grant, a renewal included."""
        self._is_over = refused

    @property
    def is_by_token(self) -> bool:
        """Whether it is by a token that was fetched elsewhere, which does not say whose it is."""
        return isinstance(self._credentials, SecurityToken)

    @property
    def awaits_token(self) -> bool:
        """Whether the last call was refused for a token that cannot be replaced from here."""
        return self._is_over and self.is_by_token

    def try_again(self) -> None:
        """Allow one more try with credentials that Visier refused."""
        with self._lock:
            self._refused = None

    def _fetch(self) -> Grant | None:
        if self._refused is not None:
            # A copy, since each raise adds a traceback to the exception it raises.
            raise copy(self._refused)
        # From before the call: a lifetime counts from when Visier issued the token.
        started = self._clock()
        try:
            grant = self._credentials.grant(self._calls, self._grant)
        except (ApiKeyRefused, PasswordRefused) as error:
            self._refused = copy(error)
            raise
        if grant is not None:
            self._grant = grant
            self._stale_at = started + (grant.lifetime or math.inf) * _FRESH
        return grant

"""Visier's Data and Job Handling API as an object: one method per operation."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from .auth import Credentials
from .calls import Calls, never
from .connection import Connection
from .data_reads import DataReads
from .endpoints import BodyEncoding
from .errors import NotFound, NotPermitted, Refused
from .job_reads import JobReads
from .protocol import Payload, build
from .rate_limiter import Budget, Lane, RateLimiter
from .request_log import Observer, unobserved
from .transport import TIMEOUTS, Timeouts, Transport
from .webhooks import Webhooks
from .writes import Writes

USER_AGENT = "visier-load-dashboard"


class Client(JobReads, DataReads, Writes, Webhooks):
    """One person's connection to one tenant's API; safe to share between threads.

    ``base_url`` is https, or http to this very computer; ``rate_limiter`` is shared by everything
    that uses the same API key; ``target_tenant`` is the tenant to be logged in to, the
    administrating one by default; ``encoding`` says how bodies travel; ``clock`` and ``sleep`` are
    in seconds; ``observe`` is told of every request that was sent; ``transport`` takes them there
    in place of one over the network; ``name`` tells its lines in the log from another's. Calls are
    made as clicks; ``in_lane`` gives the same client for other work.

    Raises InvalidArgument for an address or a tenant code that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        rate_limiter: RateLimiter,
        *,
        target_tenant: str | None = None,
        encoding: BodyEncoding = BodyEncoding.SAMPLES,
        user_agent: str = USER_AGENT,
        timeouts: Timeouts = TIMEOUTS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        observe: Observer = unobserved,
        transport: Transport | None = None,
        name: str = "",
    ) -> None:
        connection = Connection(
            base_url,
            credentials,
            rate_limiter,
            target_tenant=target_tenant,
            encoding=encoding,
            user_agent=user_agent,
            timeouts=timeouts,
            clock=clock,
            sleep=sleep,
            observe=observe,
            transport=transport,
            name=name,
        )
        super().__init__(connection, Lane.CLICK, never)

    def in_lane(self, lane: Lane, interrupted: Callable[[], bool] = never) -> Self:
        """Return a client that shares everything with this one, for work of another urgency.

        ``interrupted`` is called once a second while bulk work waits for call budget; once it
        returns True, the call raises Interrupted, unsent.
        """
        return self._beside(self._connection, lane, interrupted)

    def in_tenant(self, tenant_code: str) -> Self:
        """Return a client that shares everything with this one, logged in to another tenant.

        Raises InvalidArgument for a tenant code that cannot be used.
        """
        connection = self._connection.in_tenant(tenant_code)
        return self._beside(connection, self._lane, self._interrupted)

    def budget(self) -> Budget:
        """Return what is left of the API key's call budget."""
        return self._connection.rate_limiter.budget()

    def sign_in(self) -> None:
        """Check the key and the credentials by one harmless read.

        A token is fetched first where one is needed. Tried once only. A 403 or 404 of this read
        still proves the sign-in: only an answer about the key or the credentials refuses it.

        Raises ApiKeyRefused, PasswordRefused, SignedOut, UnknownVanityName,
        Unreachable, or what else went wrong.
        """
        query = {"limit": 1, "numberOfVersions": 1}
        request = build("latest_enabled_dv", self._connection.encoding, query=query)
        with suppress(NotPermitted, NotFound, Refused):
            self._connection.perform(request, self._lane, self._interrupted, attempts=1)

    def with_token(self, token: str) -> Self:
        """Return a client that shares everything with this one but signs in with another token.

        Raises InvalidArgument for a token that cannot travel in a header.
        """
        connection = self._connection.with_token(token)
        return self._beside(connection, self._lane, self._interrupted)

    def _beside(self, connection: Connection, lane: Lane, interrupted: Callable[[], bool]) -> Self:
        # Without __init__, which would make a connection of its own.
        other = type(self).__new__(type(self))
        Calls.__init__(other, connection, lane, interrupted)
        return other

    @property
    def is_by_token(self) -> bool:
        """Whether it is signed in by a security token fetched elsewhere: whose is not known."""
        return self._connection.is_by_token

    @property
    def awaits_token(self) -> bool:
        """Whether Visier has refused the security token, and none can be fetched here."""
        return self._connection.awaits_token

    @property
    def encoding(self) -> BodyEncoding:
        """How bodies travel."""
        return self._connection.encoding

    def try_now(self) -> None:
        """Allow the next call although Visier asked to wait; for a person's click."""
        self._connection.rate_limiter.try_now()

    def try_to_sign_in_again(self) -> None:
        """Allow the next call one more try with credentials that Visier refused.

        Only on a person's request: a repeated wrong password locks a user out.
        """
        self._connection.try_to_sign_in_again()

    def security_token(self, username: str, password: str, vanity_name: str = "") -> str:
        """Fetch a security token; the client does so by itself when it signs in with a password.

        Basic Authentication API, POST /v1/admin/visierSecureToken.
        """
        return self._connection.security_token(username, password, vanity_name)

    def oauth_token(self, client_id: str, client_secret: str, **fields: str) -> Payload:
        """Fetch access_token, refresh_token, token_type and expires_in (seconds).

        ``fields`` are grant_type and what it needs; the client does so by itself when it signs in
        with OAuth. OAuth 2.0 API, POST /v1/auth/oauth2/token.
        """
        return self._connection.oauth_token(client_id, client_secret, **fields)

    def close(self) -> None:
        """Close the pooled connections of this client and of all that share them."""
        self._connection.close()


def connect(
    base_url: str,
    credentials: Credentials,
    rate_limiter: RateLimiter,
    *,
    target_tenant: str | None = None,
    encoding: BodyEncoding = BodyEncoding.SAMPLES,
) -> Client:
    """Return a client that has signed in; on failure nothing stays open.

    Raises what ``Client`` and ``Client.sign_in`` raise.
    """
    client = Client(
        base_url, credentials, rate_limiter, target_tenant=target_tenant, encoding=encoding
    )
    try:
        client.sign_in()
    except BaseException:
        client.close()
        raise
    return client

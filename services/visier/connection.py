"""One signed-in connection: keeps each call within the budget, authenticates it, repeats reads."""

import logging
from collections.abc import Callable, Mapping
from copy import copy
from http import HTTPStatus
from types import MappingProxyType
from typing import Self, TypeVar, cast

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    wait_random_exponential,
)

from services.typed_text import NAMED_AT_MOST

from .answers import FileResponse, Response, parse_response, wants_new_token
from .auth import Auth, Credentials, Grant, SecurityToken, basic
from .endpoints import WEBHOOK_VERSIONS, BodyEncoding, Repeat
from .errors import (
    Interrupted,
    InvalidArgument,
    NoAnswer,
    OutcomeUnknown,
    RateLimited,
    ServerTrouble,
    UnknownVanityName,
    Unreachable,
    UnreadableAnswer,
    UntrustedServer,
    VisierError,
)
from .failures import (
    NoSuchHost,
    NotSent,
    OutOfBounds,
    TransportFailure,
    UntrustedCertificate,
)
from .protocol import Payload, Request, build, checked_address, header_safe
from .rate_limit_headers import rate_limit_headers
from .rate_limiter import LONGEST_WAIT, PATIENCE, SLICE, Lane, RateLimiter, WaitPolicy
from .request_log import LoggedRequest, Observer, log
from .transport import Timeouts, Transport

# A read is repeated twice; what fails three times in a row is down, not slow.
ATTEMPTS = 3
# Up to half a second, then twice that; random, so that who failed together comes back apart.
_PAUSE = wait_random_exponential(multiplier=0.5, max=8)
_T = TypeVar("_T")
_log = logging.getLogger("services.visier")


class Connection:
    """Makes calls for any number of threads; see ``Client`` for the parameters."""

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        rate_limiter: RateLimiter,
        *,
        target_tenant: str | None,
        encoding: BodyEncoding,
        user_agent: str,
        timeouts: Timeouts,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        observe: Observer,
        transport: Transport | None,
        name: str,
    ) -> None:
        self._name = name
        self.rate_limiter = rate_limiter
        self.encoding = encoding
        self._target = _target_header(target_tenant)
        address = checked_address(address)
        self._transport = transport or Transport(address, user_agent, timeouts, clock)
        self._auth = Auth(credentials, self, clock)
        self._clock = clock
        self._sleep = sleep
        self._observe = observe
        # Where webhooks may be, and once that has answered where they are.
        self.webhook_versions: tuple[str, ...] = WEBHOOK_VERSIONS

    def perform(
        self,
        request: Request,
        lane: Lane,
        interrupted: Callable[[], bool],
        attempts: int = ATTEMPTS,
    ) -> Payload | FileResponse | str | None:
        """Make a call and return its payload; only a read is tried more than once.

        A read waits as long as Visier asks, up to the patience of its lane.
        """
        # Never a write: nobody knows whether the first try was carried out.
        most = attempts if request.operation.repeat is Repeat.ALWAYS else 1
        longest = min(PATIENCE[lane], LONGEST_WAIT)
        retrying = Retrying(
            stop=lambda state: state.attempt_number >= most or _asked(state) > longest,
            wait=lambda state: _asked(state) or _PAUSE(state),
            retry=retry_if_exception_type((ServerTrouble, Unreachable)),
            sleep=lambda seconds: self._pause(seconds, request, interrupted),
            before_sleep=_log_repeat,
            reraise=True,
        )
        return retrying(self._once, request, lane, interrupted)

    def _pause(self, seconds: float, request: Request, interrupted: Callable[[], bool]) -> None:
        # In slices, so that a stopped operation does not sit out a long wait.
        while seconds > 0:
            if interrupted():
                raise Interrupted("Stopped while waiting.", operation=request.operation.name)
            self._sleep(min(seconds, SLICE))
            seconds -= SLICE

    def in_tenant(self, tenant_code: str) -> Self:
        """Return the same connection, logged in to another tenant."""
        other = copy(self)
        other._target = _target_header(tenant_code)
        return other

    def with_token(self, token: str) -> Self:
        """Return the same connection, signed in with another security token."""
        other = copy(self)
        other._auth = Auth(SecurityToken(self._auth.api_key, token), other, self._clock)
        return other

    @property
    def is_by_token(self) -> bool:
        """Whether it is signed in by a token that was fetched elsewhere."""
        return self._auth.is_by_token

    @property
    def awaits_token(self) -> bool:
        """Whether the last call was refused for its token, and there is no way to another."""
        return self._auth.awaits_token

    def try_to_sign_in_again(self) -> None:
        """Allow the next call one more try with credentials that Visier refused."""
        self._auth.try_again()

    def security_token(self, username: str, password: str, vanity_name: str) -> str:
        """Fetch a security token; the vanity name goes along when it is known."""
        form = {"username": username, "password": password}
        # Not in the OpenAPI document; both of Visier's Python clients send it.
        if vanity_name:
            form["vanityName"] = vanity_name
        return cast("str", self._ask("security_token", form))

    def oauth_token(self, client_id: str, client_secret: str, **fields: str) -> Payload:
        """Fetch an OAuth 2.0 token for a client that names itself by HTTP Basic."""
        encoded = basic(client_id, client_secret)
        form = {**fields, "client_id": client_id}
        headers = {"Authorization": f"Basic {encoded}"}
        secrets = frozenset({client_secret, encoded})
        return cast("Payload", self._ask("oauth_token", form, headers, secrets))

    def close(self) -> None:
        """Close the pooled connections."""
        self._transport.close()

    def _ask(
        self,
        operation: str,
        form: Mapping[str, str],
        headers: Mapping[str, str] = MappingProxyType({}),
        secrets: frozenset[str] = frozenset(),
    ) -> Payload | FileResponse | str | None:
        # As urgent as a click in any lane: all other calls wait for the token.
        request = build(operation, self.encoding, body=form)
        wait_policy = self.rate_limiter.wait_policy(Lane.CLICK, operation)
        headers = {"apikey": self._auth.api_key, **headers}
        response = self._answered(request, headers, wait_policy)
        return parse_response(request, response, self._auth.secrets | secrets)

    def _once(
        self, request: Request, lane: Lane, interrupted: Callable[[], bool]
    ) -> Payload | FileResponse | str | None:
        wait_policy = self.rate_limiter.wait_policy(lane, request.operation.name, interrupted)
        grant, response = self._signed(request, wait_policy)
        # A 401 was not executed, so that even what starts a job may be sent again, once.
        if wants_new_token(request, response) and self._patiently(
            lambda: self._auth.renew(grant), wait_policy
        ):
            _, response = self._signed(request, wait_policy)
        self._auth.note(refused=wants_new_token(request, response))
        return parse_response(request, response, self._auth.secrets)

    def _signed(self, request: Request, wait_policy: WaitPolicy) -> tuple[Grant, Response]:
        grant = self._patiently(self._auth.current, wait_policy)
        headers = {"apikey": self._auth.api_key, **grant.headers, **self._target}
        return grant, self._answered(request, headers, wait_policy)

    def _patiently(self, step: Callable[[], _T], wait_policy: WaitPolicy) -> _T:
        while True:
            try:
                return step()
            except RateLimited as limited:
                self.rate_limiter.pause(limited.retry_after, wait_policy)

    def _answered(
        self, request: Request, headers: Mapping[str, str], wait_policy: WaitPolicy
    ) -> Response:
        # A 429 was not executed, whatever the method, so that repeating it is safe.
        while True:
            with self.rate_limiter.call(wait_policy) as call:
                started = self._clock()
                response = self._sent(request, headers, started)
                refused = response.status == HTTPStatus.TOO_MANY_REQUESTS
                call.answered(rate_limit_headers(response.headers), refused=refused)
            self._tell(request, started, status=response.status, size=response.size or 0)
            if not refused:
                return response

    def _sent(self, request: Request, headers: Mapping[str, str], started: float) -> Response:
        try:
            return self._transport.send(request, headers)
        except TransportFailure as failure:
            self._tell(request, started, failure=str(failure))
            # TransportFailure holds kinds of failure only, unlike what requests raised: no secret.
            raise _unanswered(request, failure) from failure

    def _tell(
        self,
        request: Request,
        started: float,
        *,
        status: int | None = None,
        size: int = 0,
        failure: str = "",
    ) -> None:
        logged = LoggedRequest(
            request.operation.name,
            request.operation.method,
            request.path,
            self._clock() - started,
            self.rate_limiter.budget(),
            status,
            size,
            failure,
            self._name,
        )
        log(logged)
        self._observe(logged)


def _target_header(tenant_code: str | None) -> dict[str, str]:
    if not tenant_code:
        return {}
    if len(tenant_code) > NAMED_AT_MOST:
        raise InvalidArgument(f"A tenant code has at most {NAMED_AT_MOST} characters.")
    return {"TargetTenantID": header_safe(tenant_code, "target tenant")}


def _unanswered(request: Request, failure: TransportFailure) -> VisierError:
    name = request.operation.name
    if isinstance(failure, NoSuchHost):
        return UnknownVanityName("The host does not exist.", operation=name)
    if isinstance(failure, NotSent):
        return Unreachable("The connection failed.", operation=name)
    if isinstance(failure, UntrustedCertificate):
        return UntrustedServer(f"The server's certificate {failure}.", operation=name)
    words = "The connection broke or timed out before an answer arrived."
    is_endless = isinstance(failure, OutOfBounds)
    if request.operation.writes:
        return OutcomeUnknown(str(failure) if is_endless else words, operation=name)
    if is_endless:
        return UnreadableAnswer(str(failure), operation=name)
    return NoAnswer(words, operation=name)


def _asked(state: RetryCallState) -> float:
    """Return the seconds Visier asked to wait before the call is repeated, 0 where it did not."""
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, ServerTrouble) else 0.0


def _log_repeat(state: RetryCallState) -> None:
    reason = state.outcome.exception() if state.outcome else None
    pause = state.next_action.sleep if state.next_action else 0.0
    _log.warning("Trying again in %.1f s, attempt %d: %s", pause, state.attempt_number + 1, reason)

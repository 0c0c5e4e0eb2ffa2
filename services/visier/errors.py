"""What can go wrong at Visier, named for what the caller can do about it."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any


class InvalidArgument(ValueError):
    """A call whose arguments cannot be sent; nothing left this computer."""


class VisierError(Exception):
    """A call that failed.

    ``message`` is Visier's own where there is one, ``operation`` the operation's name, ``status``
    the HTTP status (None without an answer), ``rci`` Visier's root cause id or "", ``user_error``
    whether Visier blames the request, ``retry_after`` the seconds until it may be tried again (0
    where unknown), ``advice`` what to do next. It never holds a key, token, password or secret.
    """

    advice: str = "Try again. If it keeps failing, contact Visier Support."

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        status: int | None = None,
        rci: str = "",
        user_error: bool = False,
        retry_after: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.status = status
        self.rci = rci
        self.user_error = user_error
        self.retry_after = retry_after

    def __str__(self) -> str:
        """Return the message with the operation, the status and the root cause id."""
        facts = [self.operation, f"HTTP {self.status}" if self.status else "", self.rci]
        known = ", ".join(fact for fact in facts if fact)
        return f"{self.message} ({known})" if known else self.message


class SignedOut(VisierError):
    """The session has ended, and a new token did not help or could not be fetched."""

    advice = "Sign in again."


class ApiKeyRefused(VisierError):
    """The API key is missing, wrong or no longer valid."""

    advice = "Check the API key for typing errors. It may have been replaced."


class PasswordRefused(VisierError):
    """Visier gave no token for these credentials."""

    advice = "Check the user name and password, and that this user may use the API."


class UnknownVanityName(VisierError):
    """There is no Visier tenant at this address."""

    advice = "Check the vanity name: the first part of your Visier address."


class Unreachable(VisierError):
    """No connection was made, so the request was certainly not executed."""

    advice = "Nothing was sent. Check the network connection and the address, then try again."


class UntrustedServer(VisierError):
    """The server's certificate is not valid for it, so nothing was sent."""

    advice = (
        "Nothing was sent. Check the address and this computer's clock. If a proxy "
        "inspects connections, name its certificate authority in REQUESTS_CA_BUNDLE."
    )


class NotPermitted(VisierError):
    """This user may not do this, or not for this tenant."""

    advice = "Ask an administrator for the missing capability or for access to this tenant."


_NO_SUCH_JOB = "Check the id. A new job can take some minutes to appear."
_NO_SUCH_TENANT = "Check the tenant code. The tenant may no longer exist."
ADVICE_BY_NAME: Mapping[str, str] = MappingProxyType(
    {
        "job_id": _NO_SUCH_JOB,
        "receiving_job_id": _NO_SUCH_JOB,
        "uploadJobId": _NO_SUCH_JOB,
        "credential_id": "Refresh the list. The credential may have been deleted.",
        "tenant_id": _NO_SUCH_TENANT,
        "tenantCode": _NO_SUCH_TENANT,
    }
)
"""The advice after a 404, by the name of a parameter that the call had."""


class NotFound(VisierError):
    """A 404; ``named`` are the parameters that the call had."""

    # Without one of them the path itself is unknown: the operation is not offered to this tenant.
    advice = (
        "This tenant's API does not offer this to your account. Ask Visier Support "
        "why. Everything else keeps working."
    )

    def __init__(self, message: str, *, named: Collection[str] = (), **facts: Any) -> None:
        super().__init__(message, **facts)
        self.advice = next(
            (words for name, words in ADVICE_BY_NAME.items() if name in named), self.advice
        )


class Refused(VisierError):
    """Visier found the request itself wrong and did not execute it."""

    advice = "Nothing was done. Correct what the message names, then send it again."


class RateLimited(VisierError):
    """The call budget of the API key is used up until ``retry_after`` is over.

    ``asked`` are the seconds Visier itself asked to wait, which can be more than ``retry_after``;
    0 where it asked for none.
    """

    advice = "Wait until this API key's call budget is available again. Nothing was lost."

    def __init__(self, message: str, *, asked: float = 0.0, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.asked = asked


class ServerTrouble(VisierError):
    """Visier failed on a call that changes nothing."""

    advice = "Try again in a few minutes. If it lasts, contact Visier Support."


class NoAnswer(ServerTrouble):
    """The connection broke or timed out on a call that changes nothing."""

    advice = (
        "Try again in a few minutes. If it lasts, check the network in between and "
        "contact Visier Support."
    )


class UnreadableAnswer(VisierError):
    """An answer is not of the form this operation has."""

    advice = "Check that the address is the Visier API's and that no proxy is in between."


class OutcomeUnknown(VisierError):
    """A change was sent and may have been made; it is not sent again."""

    advice = "It may have been done. Look up the outcome before you send it again."


class Interrupted(VisierError):
    """The work was stopped while it waited for call budget, before this request was sent."""

    advice = "This request was not sent. Start again to continue."

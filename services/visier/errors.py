"""What can go wrong at Visier, named for what the caller can do about it."""

from typing import ClassVar


class InvalidArgument(ValueError):
    """A call that cannot be sent as it was asked for; nothing left this computer."""


class VisierError(Exception):
    """A call that did not end in an answer.

    ``message`` holds Visier's own words where there are any, ``operation`` the operation's name,
    ``status`` the HTTP status (None when no answer came), ``rci`` Visier's root cause id (empty
    without one), ``user_error`` whether Visier blames the request, ``advice`` what to do next.
    No text of it ever holds a key, token, password or secret.
    """

    advice: ClassVar[str] = "Try again; if it keeps failing, tell Visier Support what you did."

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        status: int | None = None,
        rci: str = "",
        user_error: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.status = status
        self.rci = rci
        self.user_error = user_error

    def __str__(self) -> str:
        """Give the message with what a supporter asks for first."""
        facts = [self.operation, f"HTTP {self.status}" if self.status else "", self.rci]
        known = ", ".join(fact for fact in facts if fact)
        return f"{self.message} ({known})" if known else self.message


class SignedOut(VisierError):
    """The session is over, and a new token did not help or could not be had."""

    advice = "Sign in again."


class ApiKeyRefused(VisierError):
    """The API key is missing, wrong or no longer valid."""

    advice = "Check the API key for typing errors; it may have been replaced by a new one."


class PasswordRefused(VisierError):
    """Visier gave no token for these credentials."""

    advice = "Check the user name and password, and that this user may use the API."


class UnknownVanityName(VisierError):
    """There is no Visier tenant at this address."""

    advice = "Check the vanity name: it is the first part of the address you open Visier at."


class Unreachable(VisierError):
    """No connection came about, so the request certainly was not executed."""

    advice = "Check the network connection and the address, then try again: nothing was sent."


class NotPermitted(VisierError):
    """This user may not do this, or not for this tenant."""

    advice = "Ask an administrator for the missing capability or for access to this tenant."


class NotFound(VisierError):
    """Visier knows nothing under this id."""

    advice = "Check the id; a job that has just been started can take some minutes to appear."


class Refused(VisierError):
    """Visier found the request itself wrong and did not execute it."""

    advice = "Change what the message objects to, then send it again: nothing was done."


class RateLimited(VisierError):
    """The call budget of the API key is used up; ``retry_after`` is the wait in seconds."""

    advice = "Wait until the call budget of this API key is filled again; nothing was lost."

    def __init__(
        self,
        message: str,
        *,
        retry_after: float = 0.0,
        operation: str = "",
        status: int | None = None,
        rci: str = "",
        user_error: bool = False,
    ) -> None:
        super().__init__(
            message, operation=operation, status=status, rci=rci, user_error=user_error
        )
        self.retry_after = retry_after


class ServerTrouble(VisierError):
    """Visier failed or fell silent on something that changes nothing."""

    advice = "Try again in a few minutes; if it lasts, tell Visier Support what you did."


class NoAnswer(ServerTrouble):
    """The connection broke or fell silent; what was asked changes nothing."""

    advice = (
        "Try again in a few minutes; if it lasts, look at the network in between, and tell Visier "
        "Support what you did."
    )


class UnreadableAnswer(VisierError):
    """An answer came that is not what this operation answers."""

    advice = "Check that the address is that of the Visier API and that no proxy stands between."


class OutcomeUnknown(VisierError):
    """A change was sent and nobody can say whether it happened; it was not sent again."""

    advice = "Look up what became of it before you send it again: it may have been done."


class Interrupted(VisierError):
    """The work was stopped while it waited for call budget; this request was not sent."""

    advice = "Start it again when you want it to go on: this request was not sent."

"""What can go wrong at the ledger, named for what the caller can do about it."""

from collections.abc import Iterable


class LedgerTrouble(Exception):
    """The ledger cannot be read or written; ``advice`` says what an operator can do about it."""

    advice = "Check that DASHBOARD_LEDGER_URL is right and that its database runs and is not full."

    def __init__(self, words: str, advice: str = "") -> None:
        super().__init__(words)
        self.advice = advice or self.advice


class AlreadyApplied(Exception):
    """Somebody has done this already: look it up in the ledger instead of sending it again."""

    def __init__(self, operation_id: str, what: str = "This plan was already applied.") -> None:
        super().__init__(what)
        self.operation_id = operation_id


class TakenOver(Exception):
    """Another process works on this operation, so this one must leave it alone."""

    def __init__(self, operation_id: str) -> None:
        super().__init__("Another process is running this operation.")
        self.operation_id = operation_id


class LeaseLost(Exception):
    """Another process does now what this one held the lease for: nothing more may be written."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Another process has taken over: {name}.")
        self.name = name


class NotOpen(Exception):
    """The operation was to be open still, and has come to its end."""

    def __init__(self, operation_id: str) -> None:
        super().__init__("The operation is closed.")
        self.operation_id = operation_id


class UnknownOperation(LookupError):
    """The ledger holds no operation of this id, perhaps no longer."""

    def __init__(self, operation_id: str) -> None:
        super().__init__("The ledger has no such operation. It may be older than the ledger keeps.")
        self.operation_id = operation_id


class Elsewhere(UnknownOperation):
    """The operation is of another place: it is no business of who is connected to this one.

    The text tells nothing of it.
    """

    def __init__(self, operation_id: str) -> None:
        super().__init__(operation_id)
        self.args = (
            "This operation belongs to another Visier or another tenant. Sign in there to see it.",
        )


class UnknownItem(LookupError):
    """The operation has no item of these keys."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = tuple(keys)
        super().__init__(f"The operation has no item {self.keys[0]}.")


class UnknownView(LookupError):
    """There is no such saved view for who asks: deleted, not shared, or of another place."""

    def __init__(self, view_id: str) -> None:
        super().__init__("This saved view does not exist here any more.")
        self.view_id = view_id


class ViewNameTaken(Exception):
    """The owner has a view of this name on this screen: replace it, or choose another name."""

    def __init__(self, view_id: str) -> None:
        super().__init__("You have a view of this name on this screen.")
        self.view_id = view_id


class ViewRefused(Exception):
    """The view is too large to be saved, or one too many; the text says which."""


class UnknownRule(LookupError):
    """There is no such rule at this place: somebody has deleted it."""

    def __init__(self, rule_id: str) -> None:
        super().__init__("This rule does not exist here any more.")
        self.rule_id = rule_id


class RuleRefused(Exception):
    """The rule is too large to be saved, or one too many; the text says which."""


class UnknownIncident(LookupError):
    """There is no such incident at this place, or it is resolved already."""

    def __init__(self, incident_id: str) -> None:
        super().__init__("This incident is resolved, or does not exist here.")
        self.incident_id = incident_id


class UnknownMessage(LookupError):
    """There is no message of this id at this place that waits for a person."""

    def __init__(self, message_id: str) -> None:
        super().__init__("This message does not wait for anybody any more.")
        self.message_id = message_id

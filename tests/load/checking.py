"""What may be in an answer, and whose it may be."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Element_pb2 import Element

from tests.load.tab import Answer

BUDGET_IS_USED_UP = "error-RateLimited"
LIST_IS_BEING_READ = "fetching"
_ERRORS = re.compile(rb"error-[A-Z]\w+|Internal error|Traceback")
_USERS = re.compile(rb"security token ([0-9a-f]{8})")
# In what is no table a code may be followed by the first byte of something else.
_CODES = re.compile(rb"WFF_j1r~\w+")
_CANARIES = re.compile(rb"canary-\d{3}")


@dataclass(frozen=True)
class Person:
    """Who looks: a security token nobody else has, and the tenants looked after.

    With `target` the person signs in to that one tenant and may see no other.
    """

    number: int
    token: str = field(repr=False)
    tenants: tuple[str, ...]
    target: str = ""

    @property
    def span(self) -> str:
        """The search for just the tenants of this person."""
        return f"{self.tenants[0]}..{self.tenants[-1]}"

    @property
    def digest(self) -> str:
        """What the screens call this person by."""
        return hashlib.sha256(self.token.encode()).hexdigest()[:8]

    @property
    def canary(self) -> str:
        """A word that only this person types."""
        return f"canary-{self.number:03d}"


class WrongAnswer(AssertionError):
    """An answer that shows an error, or something that is somebody else's."""


def check(answer: Answer, person: Person, *, is_filtered: bool) -> None:
    """Raise WrongAnswer when something is in an answer that may not be there.

    `is_filtered` says that the person has asked for their own tenants only.
    """
    for element in answer.elements():
        _no_error(element)
        if is_filtered or person.target:
            _own_tenants(element, person)
    for told in answer.told:
        if person.token.encode() in told:
            raise WrongAnswer(f"Person {person.number} was sent a security token.")
        _nobody_else(told, _USERS, person.digest, person)
        _nobody_else(told, _CANARIES, person.canary, person)
        error = _ERRORS.search(told)
        if error and not error[0].startswith(BUDGET_IS_USED_UP.encode()):
            raise WrongAnswer(f"Person {person.number} was shown {error[0]!r}: {told[:600]!r}")


def waits_for_budget(answer: Answer) -> bool:
    """Whether the page, as it stands in the end, says that it waits for calls, or for a list."""
    waits = False
    for message in answer.messages:
        # What a run drew that was broken off for another one is gone.
        waits = waits and not message.HasField("new_session")
        place = message.delta.add_block.id
        waits = waits or BUDGET_IS_USED_UP in place or LIST_IS_BEING_READ in place
    return waits


def names_its_user(answer: Answer, person: Person) -> bool:
    """Whether the sidebar names the person who is signed in."""
    return any(person.digest in element.text.body for element in answer.elements())


def _no_error(element: Element) -> None:
    if element.HasField("exception"):
        raise WrongAnswer(f"{element.exception.type}: {element.exception.message}")
    if element.alert.format == Alert.ERROR:
        raise WrongAnswer(element.alert.body)


def _nobody_else(told: bytes, named: re.Pattern[bytes], own: str, person: Person) -> None:
    others = {found.decode() for found in named.findall(told)} - {own}
    if others:
        raise WrongAnswer(f"Person {person.number} was sent what belongs to {sorted(others)}.")


def _own_tenants(element: Element, person: Person) -> None:
    own = frozenset(person.tenants)
    foreign = {code for code in _codes(element, own) if code not in own}
    if foreign:
        raise WrongAnswer(
            f"Person {person.number} was sent rows of {len(foreign)} other tenants, such as "
            f"{min(foreign)}, in {element.WhichOneof('type')}."
        )


def _codes(element: Element, own: frozenset[str]) -> Iterator[str]:
    if element.HasField("dataframe"):
        rows = pa.ipc.open_stream(element.dataframe.arrow_data.data).read_all()
        if "tenant_code" in rows.column_names:
            yield from rows.column("tenant_code").unique().to_pylist()
        return
    for found in _CODES.findall(element.SerializeToString()):
        code = found.decode()
        yield next((code[:end] for end in range(9, len(code)) if code[:end] in own), code)

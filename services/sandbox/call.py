from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from services.sandbox import times
from services.sandbox.errors import bad_request, forbidden

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.sandbox.models.tenants import Category, Tenant
    from services.sandbox.tokens import Tokens
    from services.sandbox.world import World

LARGEST_PAGE = 1_000
Item = TypeVar("Item")


class PlainText(str):
    """An answer of plain text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Archive:
    """An answer of a ZIP file with the name to save it by."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the answer echoes it: the one requested, within the limits."""

    start: int
    limit: int

    def of(self, items: Sequence[Item]) -> Sequence[Item]:
        """Return the items on this page."""
        return items[self.start : self.start + self.limit]

    def echo(self) -> dict[str, int]:
        """Return the two fields with which lists echo the page."""
        return {"limit": self.limit, "start": self.start}


@dataclass(slots=True)
class Call:
    """One request as an operation gets it; `login` is the tenant it is logged in to."""

    world: World
    tokens: Tokens
    login: Tenant
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: dict[str, object] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    refused_every: int = 0

    @property
    def administrating(self) -> bool:
        """Whether the login tenant is the administrating one."""
        return self.login is self.world.admin

    def refuses(self, index: int) -> bool:
        """Return whether a fault fails the item at this index (every n-th, from the first)."""
        return self.refused_every > 0 and index % self.refused_every == 0

    def reaches(self, code: str) -> bool:
        """Return whether the login tenant may see this tenant."""
        return self.administrating or code == self.login.code

    def reachable(self) -> list[Tenant]:
        """Return the analytic tenants of the login tenant, or that tenant itself."""
        return self.world.listed if self.administrating else [self.login]

    def named_tenant(self, code: str) -> Tenant:
        """Return a tenant; raise 400 for an unknown one, 403 for one out of reach."""
        if not self.reaches(code):
            raise forbidden(f"Insufficient permissions to access the tenant {code}.")
        tenant = self.world.tenant(code)
        if tenant is None:
            raise bad_request(f"The tenant {code} does not exist.")
        return tenant

    def asked_tenant(self) -> Tenant:
        """Return the tenant of `tenantCode`, or the login tenant when it is absent."""
        code = self.query.get("tenantCode")
        return self.named_tenant(code) if code else self.login

    def asked_tenants(self) -> list[Tenant]:
        """Return the tenant of `tenantCode`, or all that can be reached."""
        code = self.query.get("tenantCode")
        return [self.named_tenant(code)] if code else self.reachable()

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number, lowered to its maximum; raise 400 below its minimum."""
        text = self.query.get(name)
        if not text:
            return default
        try:
            value = int(text)
        except ValueError as error:
            raise bad_request(f"The parameter {name} must be a whole number.") from error
        if value < low:
            raise bad_request(f"The parameter {name} must be at least {low}.")
        # An assumption: Visier does not say whether it lowers or refuses.
        return min(value, high)

    def page(self, default: int, largest: int = LARGEST_PAGE) -> Page:
        """Return the page of `start` and `limit`, the limit lowered to the largest."""
        return Page(self.number("start", 0, 0, 2**31), self.number("limit", default, 1, largest))

    def category(self, object_name: object) -> Category:
        """Return a data category by its object name; the primary one without a name."""
        return self._category("object_name", object_name)

    def category_by_id(self, category_id: object) -> Category:
        """Return a data category by its id; the primary one without an id."""
        return self._category("id", category_id)

    def _category(self, attribute: str, value: object) -> Category:
        if not value:
            return self.world.categories[0]
        for category in self.world.categories:
            if getattr(category, attribute) == value:
                return category
        raise bad_request(f"The data category {value} does not exist.")

    def items(self, name: str, largest: int | None = None) -> list[dict[str, object]]:
        """Return a list of objects of the body; raise 400 for an empty or too long one."""
        found = self.body.get(name)
        if not isinstance(found, list) or not found:
            raise bad_request(f"The field {name} must be a list with at least one item.")
        if largest and len(found) > largest:
            raise bad_request(f"The field {name} must not have more than {largest} items.")
        return objects(found, f"The field {name} must be a list of objects.")


def objects(value: object, otherwise: str) -> list[dict[str, object]]:
    """Return a list of objects; raise 400 with this sentence for anything else."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise bad_request(otherwise)
    return value


def text(item: Mapping[str, object], name: str) -> str:
    """Return a text field of an item; empty when absent."""
    value = item.get(name)
    return "" if value is None else str(value)


def texts(item: Mapping[str, object], name: str) -> list[str]:
    """Return a list of texts, also from one text separated by commas."""
    # The OpenAPI document's schema has a list of files, its prose one text with commas.
    value = item.get(name)
    if not value:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    raise bad_request(f"The field {name} must be a list of texts.")


def time(item: Mapping[str, object], name: str) -> str:
    """Return a time field of an item as `times.iso` writes it; empty when absent."""
    value = text(item, name)
    try:
        return times.parse(value) if value else ""
    except ValueError as error:
        raise bad_request(f"The field {name} is not a time: {value}") from error


def flag(item: Mapping[str, object], name: str) -> bool:
    """Return a flag, also from the text true or false; False when absent."""
    value = item.get(name)
    if isinstance(value, str):
        return value.lower() == "true"
    if value is None or isinstance(value, bool):
        return bool(value)
    raise bad_request(f"The field {name} must be true or false.")

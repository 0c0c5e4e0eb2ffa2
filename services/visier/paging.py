"""Pages without I/O: what is on one, what tells its items apart, and where the next one starts."""

from typing import cast

from .endpoints import Page
from .protocol import whole_number


def count_items(payload: object, items: str) -> int:
    """Count the entries of the lists named ``items``; a bare list counts as that list."""
    if isinstance(payload, dict):
        if items in payload:
            found = payload[items]
            return len(found) if isinstance(found, list) else 0
        return sum(count_items(value, items) for value in payload.values() if _lists(value, items))
    if isinstance(payload, list):
        holders = [entry for entry in payload if isinstance(entry, dict) and items in entry]
        return sum(count_items(holder, items) for holder in holders) if holders else len(payload)
    return 0


def _lists(value: object, items: str) -> bool:
    return isinstance(value, list) and any(
        isinstance(entry, dict) and items in entry for entry in value
    )


def item_keys(payload: object, page: Page) -> list[str] | None:
    """Return the key of each item of a page; None where one has none, or items lie deeper."""
    items = payload.get(page.items) if isinstance(payload, dict) else None
    if not isinstance(items, list):
        return None
    keys = [_key(item, page) for item in items]
    return None if None in keys else cast("list[str]", keys)


def _key(item: object, page: Page) -> str | None:
    if not isinstance(item, dict):
        return None
    for names in page.keys:
        fields = [item.get(name) for name in names]
        if all(isinstance(field, str) and field for field in fields):
            return " ".join(map(str, fields))
    return None


def next_start(payload: object, page: Page, start: int) -> int | None:
    """Return where the next page starts by the limit the API echoes; None after a short page."""
    # The echoed limit is the effective one: a server may lower what was asked; some echo none.
    limit = (whole_number(payload.get("limit")) if isinstance(payload, dict) else 0) or page.most
    found = count_items(payload, page.items)
    return start + limit if found >= limit else None


def repeats_page(payload: object, previous: object) -> bool:
    """Return whether a page repeats the page before it, as of a list that ignores `start`."""
    return previous is not None and _unpaged(payload) == _unpaged(previous)


def _unpaged(payload: object) -> object:
    if not isinstance(payload, dict):
        return payload
    return {key: value for key, value in payload.items() if key not in {"start", "limit"}}

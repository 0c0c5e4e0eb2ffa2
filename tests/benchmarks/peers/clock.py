"""How long a page takes until something is there, by the clock of the browser."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

# Milliseconds until it is given up.
_PATIENCE = 45_000
# `drawn`: what has been drawn on a canvas since the event, as our tables are. `names(selector)`:
# what rows in the document that are in sight are called. `has(text)`: whether a text is in sight.
_WATCH = """
window.peersClock = (() => {
const drawn = new Set();
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
  drawn.add(text);
  return fillText.call(this, text, ...place);
};
const isInSight = found => {
  const { top, bottom, width, height } = found.getBoundingClientRect();
  return width > 0 && height > 0 && bottom > 0 && top < innerHeight && found.checkVisibility();
};
const names = selector => [...document.querySelectorAll(selector)]
  .filter(isInSight).map(found => found.textContent.trim()).filter(Boolean);
const has = (selector, pattern) => names(selector).some(text => pattern.test(text));
const watch = (event, isThere) => new Promise((resolve, reject) => {
  const begun = performance.now();
  let start = event ? null : 0;
  const note = told => {
    if (event === 'keydown' && told.key !== 'Enter') return;
    start = told.timeStamp;
    drawn.clear();
    window.removeEventListener(event, note, true);
  };
  if (event) window.addEventListener(event, note, true);
  const look = () => {
    const now = performance.now();
    if (start !== null && isThere()) resolve((now - start) / 1000);
    else if (now - begun < PATIENCE) requestAnimationFrame(look);
    else reject(new Error(`${isThere} after ${start}`));
  };
  look();
});
return { drawn, names, has, watch };
})();
""".replace("PATIENCE", str(_PATIENCE))

_NAMES = "const { drawn, names, has } = peersClock"


@contextmanager
def new_session(browser: Browser, on_opening: str) -> Iterator[BrowserContext]:
    """Open a browser session of an empty cache that times every page until the expression holds."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, timezone_id="UTC")
    context.set_default_timeout(_PATIENCE)
    context.add_init_script(f"{_WATCH}\n{_watched(None, on_opening)}")
    try:
        yield context
    finally:
        context.close()


def opened(page: Page, address: str) -> float:
    """Return the seconds from navigation until what the session waits for is there."""
    page.goto(address, wait_until="commit")
    return _answer(page)


def after(page: Page, event: str, act: Callable[[], object], expression: str) -> float:
    """Return the seconds from the event that `act` makes until the expression holds."""
    page.evaluate(f"() => {{ {_watched(event, expression)} }}")
    act()
    return _answer(page)


def value(page: Page, expression: str) -> Any:
    """Return what an expression is now."""
    return page.evaluate(f"() => {{ {_NAMES}; return {expression} }}")


def _watched(event: str | None, expression: str) -> str:
    waiting = f"() => {{ {_NAMES}; return {expression} }}"
    return f"window.answer = peersClock.watch({json.dumps(event)}, {waiting})"


def _answer(page: Page) -> float:
    seconds: float = page.evaluate("() => window.answer")
    return seconds

"""A tab in Chromium that tells, by its own clock, how long it takes until something is there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.conftest import PATIENCE_MS

Wanted = dict[str, Any]

# `wanted`: the line that counts the rows or an expression for it, what tables draw, the number of
# marks, the names of the pictures' first rows. Rows leave a window of time as it moves on: numbers
# need only be near. A table is a picture: what it draws is noted as it draws it, for its cells
# stand in the document only 200 ms later.
_WATCH = """
const drawn = new Set();
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
  drawn.add(text);
  return fillText.call(this, text, ...place);
};
window.watch = (wanted, event) => new Promise((resolve, reject) => {
  const begun = performance.now();
  let start = event ? null : 0;
  const note = told => {
    if (event === 'keydown' && told.key !== 'Enter') return;
    start = told.timeStamp;
    drawn.clear();
    window.removeEventListener(event, note, true);
  };
  if (event) window.addEventListener(event, note, true);
  const texts = selector =>
    [...document.querySelectorAll(selector)].map(found => found.textContent.trim());
  const marks = () => {
    let sum = 0;
    for (const picture of document.querySelectorAll('.js-plotly-plot'))
      for (const trace of picture._fullData || [])
        sum += trace.z ? trace.z.length * trace.z[0].length : trace._length || 0;
    return sum;
  };
  const isNear = (one, other) => Math.abs(one - other) <= 0.05 * other;
  const numbers = text =>
    (text.match(/\\d[\\d,]*/g) || []).map(found => Number(found.replaceAll(',', '')));
  const words = text => text.replace(/\\d[\\d,]*/g, '#');
  const isWanted = text => {
    if (wanted.text) return new RegExp(wanted.text).test(text);
    const expected = numbers(wanted.line);
    return words(text) === words(wanted.line)
      && numbers(text).every((number, place) => isNear(number, expected[place]));
  };
  const isThere = () => {
    if (!texts('[data-testid="stText"]').some(isWanted)) return false;
    if (!(wanted.drawn || []).every(text => drawn.has(text))) return false;
    const rows = [...document.querySelectorAll('.js-plotly-plot')].map(
      picture => String(picture._fullData?.[0]?.y?.[0]));
    if (!(wanted.rows || []).every(row => rows.includes(row))) return false;
    return wanted.marks === undefined || isNear(marks(), wanted.marks);
  };
  const look = () => {
    const now = performance.now();
    if (start !== null && isThere()) resolve((now - start) / 1000);
    else if (now - begun < PATIENCE) requestAnimationFrame(look);
    else reject(new Error(JSON.stringify({
      wanted, marks: marks(), start,
      texts: texts('[data-testid="stText"]'),
      drawn: [...drawn],
    })));
  };
  look();
});
""".replace("PATIENCE", str(4 * PATIENCE_MS))
_TICK = (23, 50)


@contextmanager
def tab(browser: Browser, on_opening: Wanted | None = None) -> Iterator[Page]:
    """Open an empty tab that nothing is kept for; it may watch from the start of navigation."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, timezone_id="UTC")
    context.set_default_timeout(10_000)
    context.add_init_script(_WATCH)
    if on_opening is not None:
        context.add_init_script(f"window.answer = window.watch({json.dumps(on_opening)}, null)")
    try:
        yield context.new_page()
    finally:
        context.close()


def first_paint(browser: Browser, address: str, wanted: Wanted) -> float:
    """Return the seconds from navigation in a new browser session to what is wanted."""
    with tab(browser, wanted) as page:
        page.goto(address, wait_until="commit")
        return _answer(page)


def after_enter(page: Page, key: str, word: str, wanted: Wanted) -> float:
    """Return the seconds from Enter in the field of this key to what is wanted."""
    field = page.locator(f".st-key-{key} input")
    field.fill(word)
    _watch(page, wanted, "keydown")
    field.press("Enter")
    return _answer(page)


def after_toggle(page: Page, key: str, wanted: Wanted) -> float:
    """Return the seconds from a click on the toggle of this key to what is wanted."""
    _watch(page, wanted, "click")
    page.locator(f".st-key-{key} label").click()
    return _answer(page)


def after_tick(page: Page, wanted: Wanted) -> float:
    """Return the seconds from a click on the first row's box to what is wanted."""
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    if box is None:
        raise RuntimeError("The table is out of sight.")
    at = (box["x"] + _TICK[0], box["y"] + _TICK[1])
    # The table finds out where the pointer is before anything is pressed, as under a hand.
    page.mouse.move(*at)
    page.wait_for_timeout(300)
    _watch(page, wanted, "pointerup")
    page.mouse.click(*at)
    return _answer(page)


def after_link(page: Page, title: str, wanted: Wanted) -> float:
    """Return the seconds from a click in the menu to what is wanted on the screen of this title."""
    _watch(page, wanted, "click")
    page.get_by_test_id("stSidebar").get_by_role("link", name=title, exact=True).click()
    return _answer(page)


def _watch(page: Page, wanted: Wanted, event: str) -> None:
    page.evaluate("([wanted, event]) => { window.answer = watch(wanted, event) }", [wanted, event])


def _answer(page: Page) -> float:
    seconds: float = page.evaluate("() => window.answer")
    return seconds

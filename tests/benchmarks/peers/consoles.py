"""What is done in each console with its list of runs, and how its page tells that it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.benchmarks.peers.runs import runs

Act = Callable[[Page], object]

# Pixels from the edge of our table to the button of a row, beside the code of its tenant.
OPENS = 557
# Pixels from each edge of our table to the box that selects all of its rows.
TICK = 18
FIRST_COLD, FIRST_WARM = "first rows, cold", "first rows, warm"
FILTER, SEARCH, OPEN = "filter by status", "search", "open one"
SELECT, BACK = "select all", "elsewhere and back"
# As the rows are timed: what is opened last leaves the list.
STEPS = (FILTER, SEARCH, SELECT, BACK, OPEN)


@dataclass(frozen=True)
class Step:
    """One thing that is done: the event from which it is timed, and what makes that event.

    `prepare` comes before and is not timed. `is_there` is an expression that holds when it is done;
    where it is empty, other rows than before are waited for.
    """

    event: str
    act: Act
    prepare: Act | None = None
    is_there: str = ""


@dataclass(frozen=True)
class Console:
    """A console: the path of its list, an expression for the names of rows in sight, what is done.

    `is_settled` must hold besides for the rows to be those that are waited for.
    """

    name: str
    path: str
    rows: str
    steps: dict[str, Step]
    is_settled: str = "true"


def clicks(selector: str) -> Act:
    """Return what clicks the first thing this selector finds."""
    return lambda page: page.locator(selector).first.click()


def _leaves(there: Act, is_gone: str) -> Act:
    def leave(page: Page) -> None:
        there(page)
        page.wait_for_function(is_gone)
        # What is read for the other screen is not what the way back is measured with.
        page.wait_for_load_state("networkidle")

    return leave


def _presses_first_button(page: Page) -> None:
    """Click the button of the first row; the table is a picture, and finds out where it was hit."""
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    if box is None:
        raise RuntimeError("The table is out of sight.")
    page.mouse.click(box["x"] + OPENS, box["y"] + 50)


def _hovers_first_button(page: Page) -> None:
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    if box is None:
        raise RuntimeError("The table is out of sight.")
    page.mouse.move(box["x"] + OPENS, box["y"] + 50)
    page.wait_for_timeout(300)


def _ticks_the_head(page: Page) -> None:
    """Click the box in the head of the table, which selects all of its rows."""
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    if box is None:
        raise RuntimeError("The table is out of sight.")
    page.mouse.click(box["x"] + TICK, box["y"] + TICK)


def _fills(selector: str, text: str) -> Act:
    return lambda page: page.locator(selector).last.fill(text)


def _enter(page: Page) -> None:
    page.keyboard.press("Enter")


TEXTS = '[data-testid="stText"]'
OURS = Console(
    "ours",
    "/jobs",
    r"[...drawn].filter(text => /^WFF_\w+~\w+$/.test(text))",
    {
        FILTER: Step("click", lambda page: page.get_by_text("Failed", exact=False).first.click()),
        SEARCH: Step("keydown", _enter, _fills(".st-key-job_tenant input", "~c")),
        SELECT: Step(
            "pointerup",
            _ticks_the_head,
            is_there=f"has('{TEXTS}', /^[\\d,]{{3,}} jobs selected/)",
        ),
        BACK: Step(
            "click",
            clicks("[data-testid=stSidebar] a[href='jobs']"),
            _leaves(
                clicks("[data-testid=stSidebar] a[href='activity']"),
                "() => !document.querySelector('.st-key-jobs-table')",
            ),
        ),
        OPEN: Step(
            "pointerup",
            _presses_first_button,
            _hovers_first_button,
            is_there="has('[role=dialog] p', /^Job id$/) && has('[role=dialog] p', /^Started$/)",
        ),
    },
    is_settled=f"has('{TEXTS}', /^[\\d,]+ of [\\d,]+ jobs?$/)",
)

# Of a run far below those in sight at first.
RUN_ID = str([*runs(1000, now=0)][-1]["id"])


def _begins_run_id(page: Page) -> None:
    clicks("button:has-text('Filter')")(page)
    page.get_by_text("Run ID", exact=True).last.click()
    page.keyboard.type(RUN_ID)
    page.wait_for_timeout(500)


DAGSTER = Console(
    "Dagster",
    "/runs",
    "names('a[href^=\"/runs/\"]').filter(text => /^[0-9a-f]{8}$/.test(text))",
    {
        FILTER: Step("click", clicks("a[href*='FAILURE'], [role=tab]:has-text('Failed')")),
        SEARCH: Step("keydown", _enter, _begins_run_id),
        SELECT: Step(
            "click",
            clicks("label:has(#checkbox-1)"),
            is_there="document.querySelectorAll('input:checked').length >= 20",
        ),
        BACK: Step(
            "click",
            clicks("a[href='/runs']"),
            _leaves(
                clicks("a[href='/deployment']"), "() => location.pathname.startsWith('/deployment')"
            ),
        ),
        OPEN: Step(
            "click",
            clicks("a[href^='/runs/'] >> text=/^[0-9a-f]{8}$/"),
            is_there="/^.runs.[0-9a-f-]{36}/.test(location.pathname)"
            " && has('span, div', /^Run of/) && has('span', /^Success$/)",
        ),
    },
)


def _lists_states(page: Page) -> None:
    page.locator(".state-name-select button").focus()
    page.keyboard.press("ArrowDown")
    page.locator(".p-select-option").first.wait_for()


PREFECT = Console(
    "Prefect",
    "/runs",
    "names('.flow-run-bread-crumbs__flow-run-link')",
    {
        FILTER: Step(
            "click",
            lambda page: page.locator(".p-select-option .state--failed").first.evaluate(
                "found => found.click()"
            ),
            _lists_states,
        ),
        SEARCH: Step(
            "input",
            _fills("input[placeholder='Search by flow run name']:visible", "WFF_0321"),
        ),
        SELECT: Step(
            "click",
            clicks("[aria-label^='Select all']"),
            is_there="document.querySelectorAll('.p-checkbox__input:checked').length >= 50",
        ),
        BACK: Step(
            "click",
            clicks("a[href='/runs']"),
            _leaves(
                clicks("a[href='/variables']"), "() => location.pathname.startsWith('/variables')"
            ),
        ),
        OPEN: Step(
            "click",
            clicks(".flow-run-bread-crumbs__flow-run-link"),
            is_there="location.pathname.startsWith('/runs/flow-run/')"
            " && has('.state-badge', /./) && has('span, a, h1, div', /^WFF_\\d+$/)",
        ),
    },
)


def _chooses_filter(name: str) -> Act:
    def choose(page: Page) -> None:
        page.get_by_test_id("add-filter-button").click()
        page.locator(f"[role=menuitem][data-value={name}]").click()

    return choose


def _lists_airflow_states(page: Page) -> None:
    _chooses_filter("state")(page)
    page.locator("[data-scope=select][data-part=trigger]").first.click()
    page.locator("[role=option][data-value=failed]").wait_for()
    # It takes no click while it unfolds.
    page.wait_for_timeout(500)


AIRFLOW = Console(
    "Airflow",
    "/dag_runs",
    "names('tbody a[href*=\"/runs/\"]').filter(text => /^WFF_/.test(text))",
    {
        FILTER: Step("click", clicks("[role=option][data-value=failed]"), _lists_airflow_states),
        SEARCH: Step(
            "input",
            _fills("input:focus", "WFF_0321"),
            _chooses_filter("run_id_pattern"),
        ),
        SELECT: Step(
            "click",
            clicks("thead label"),
            is_there="document.querySelectorAll('tbody label[data-state=checked]').length >= 50",
        ),
        BACK: Step(
            "click",
            # Its menu leads to the DAGs, whose tabs lead to the runs.
            clicks("a[href='/dag_runs']"),
            _leaves(
                clicks("a[href='/task_instances']"), "() => location.pathname == '/task_instances'"
            ),
        ),
        OPEN: Step(
            "click",
            clicks("tbody a[href*='/runs/'] >> text=/^WFF_/"),
            is_there="/runs.WFF_/.test(location.pathname) && has('h2', /^Start Date$/)",
        ),
    },
)
CONSOLES = (DAGSTER, PREFECT, AIRFLOW)

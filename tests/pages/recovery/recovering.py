"""A recovery from the bad delivery of the sandbox, step by step."""

from streamlit.testing.v1 import AppTest

from dashboard import bootstrap, session
from services.ledger import Operation, State
from tests.pages.acting import field
from tests.pages.conftest import Open
from tests.pages.sessions import in_session
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH

HOURS = 3600.0
WHY = "The delivery was not due"


def recovery_id(app: AppTest) -> str:
    named = app.query_params["recovery"]
    return named if isinstance(named, str) else named[0]


def begun(sandbox: Sandbox, open_page: Open) -> AppTest:
    """Find the bad delivery of a fresh sandbox by its job and begin to recover from it."""
    sandbox.control.reset()
    sandbox.control.clear_requests()
    app = open_page("recovery", rec_job=BAD_BATCH)
    app.text_input(key="rec.reason").set_value(WHY)
    return app.button(key="rec.begin").click().run()


def planned(sandbox: Sandbox, open_page: Open) -> AppTest:
    return begun(sandbox, open_page).button(key="rec.save").click().run()


def confirmed(app: AppTest) -> AppTest:
    """Type what the step at hand asks for, and press its button."""
    typed = field(app, "Type ")
    typed.set_value(typed.label.split()[1]).run()
    (press,) = [
        each for each in app.button if ".apply." in (each.key or "") or each.key == "start.go"
    ]
    return press.click().run()


def leave_one_out(app: AppTest) -> str:
    """Leave one tenant out of those whose uploads are to be excluded; return its code."""
    name = f"recovery.{recovery_id(app)}.EXCLUDE"
    taken = in_session(app, session.selected, name)
    spared = min(taken)
    in_session(app, session.select, name, taken - {spared})
    return spared


def settled(app: AppTest) -> AppTest:
    """Wait until what was pressed has come to its end."""
    for part in bootstrap.whole_ledger().parts(recovery_id(app)):
        assert bootstrap.runner().wait(part.id, 30)
    return app.run()


def carried_out(app: AppTest) -> AppTest:
    for _ in range(2):
        app = settled(confirmed(app))
    app = confirmed(app)
    wait_for_start(app)
    return app.run()


def wait_for_start(app: AppTest) -> None:
    """Ask until the start has ended; each question takes its time."""
    for _ in range(100_000):
        if all(each.state is State.FINISHED for each in parts(app)):
            return
    raise AssertionError("the start did not end")


def parts(app: AppTest) -> list[Operation]:
    return bootstrap.whole_ledger().parts(recovery_id(app))

"""Recovery as a person goes through it: found, planned, run, left, resumed, verified, reported."""

from tests.pages.conftest import Open
from tests.pages.test_reading import metrics, texts
from tests.sandboxes import Sandbox
from tests.services.operations.recovery.conftest import BAD_BATCH


def test_smoke(sandbox: Sandbox, open_page: Open) -> None:
    app = open_page("recovery", rec_job=BAD_BATCH)
    assert not app.exception
    print(texts(app), metrics(app))
    app.button(key="rec.begin").click().run()
    assert not app.exception
    print(texts(app), app.query_params)
    app.button(key="rec.save").click().run()
    assert not app.exception
    print(texts(app), [b.label for b in app.button])
    assert 0

"""The credentials of two tenants, on their screen."""

import re
import threading

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button, TextArea

from pages.credentials.creating import CREATE
from tests.pages.conftest import Open
from tests.pages.connecting import E1A
from tests.samples import samples
from tests.services.visier.forms import FORMS, FORMS_OF_EVERY_SHAPE

E1A_TEST = "5781eec0-7f1d-4d3b-b9bd-8c08ff632cfb"
SAMPLE = samples()["create_connector_credential"].body
POST, PUT, DELETE = (f"{verb}_connector_credential" for verb in ("create", "update", "delete"))


OF_EVERY_SHAPE_OR_ALL = pytest.mark.parametrize(
    "forms",
    [
        pytest.param(FORMS_OF_EVERY_SHAPE, id="of every shape"),
        pytest.param(FORMS, id="all", marks=pytest.mark.slow),
    ],
)


def new_credential(open_page: Open, provider: str = "UKG", tenant: str = E1A) -> AppTest:
    app = open_page("credentials", cred_view="New credential", cred_tenants=tenant)
    app.text_input(key=f"{CREATE}.name").set_value("exampleDisplayName").run()
    return choose(app, provider)


def choose(app: AppTest, provider: str) -> AppTest:
    return app.selectbox(key=f"{CREATE}.provider").set_value(provider).run()


def type_into(app: AppTest, form: str, name: str, text: str, number: int = 0) -> None:
    """Type into a field of a form, secret or not."""
    begin = re.escape(form)
    key = re.compile(rf"({begin}|secret\.{begin}\.\d+)\.{re.escape(name)}\.{number}")
    fields = [*app.text_input, *app.text_area, *app.selectbox]
    (found,) = [one for one in fields if key.fullmatch(one.key or "")]
    found.set_value(text)


def json_field(app: AppTest) -> TextArea:
    (found,) = [area for area in app.text_area if area.label == "Parameters as JSON"]
    return found


def pressed(app: AppTest, form: str) -> AppTest:
    """Press the button of the form."""
    return send_button(app, form).click().run()


def send_button(app: AppTest, form: str) -> Button:
    key = re.compile(rf"{re.escape(form)}\.send\.\d+")
    (found,) = [one for one in app.button if key.fullmatch(one.key or "")]
    return found


def sent(app: AppTest, form: str) -> AppTest:
    """Press the button of the form and wait until everything has been answered."""
    return answered(pressed(app, form))


def answered(app: AppTest) -> AppTest:
    """Wait until everything that was sent has been answered."""
    for thread in threading.enumerate():
        if thread.name.startswith("credential "):
            thread.join(30)
    return app.run()


def open_one(open_page: Open, tenant: str, credential: str, what: str, *more: str) -> AppTest:
    app = open_page("credentials", cred_open=f"{tenant} {credential}")
    app.multiselect(key="cred_tenants.pick").set_value([tenant, *more]).run()
    app.query_params["cred_open"] = f"{tenant} {credential}"
    app.run()
    return app.segmented_control(key=f"cred.what.{tenant} {credential}").set_value(what).run()

"""The form that signs in."""

from streamlit.testing.v1 import AppTest

CLIENT = {"Client id": "sandbox-client", "Client secret": "sandbox-secret"}


def filled_in(app: AppTest, **values: str) -> AppTest:
    """Fill in the form, as whoever may sign in to the sandbox unless told."""
    given = {
        "vanity": "sandbox",
        "api_key": "sandbox-key",
        "User name": "sandbox@example.com",
        "Password": "sandbox",
    } | values
    for name, value in given.items():
        app.text_input(key=f"sign_in.{name}").set_value(value)
    return app


def press(app: AppTest) -> AppTest:
    """Send the form as it is."""
    return app.button(key="FormSubmitter:sign_in.form-Sign in").click().run()


def fill_in(app: AppTest, **values: str) -> AppTest:
    return press(filled_in(app, **values))

from dashboard.settings import Settings
from tests.docs import settings


def test_the_list_of_settings_is_up_to_date() -> None:
    assert settings.LISTED.read_text(encoding="utf-8") == settings.written(), "make settings"


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())

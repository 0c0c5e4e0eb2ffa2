"""The catalogue of providers: what is in it, what is built from it, what of that is secret."""

from typing import Any

import orjson
import pytest

from services.visier import InvalidArgument
from services.visier.protocol import secret_values
from services.visier.providers import (
    AUTH_PARAMS,
    BLOT,
    GROUPS,
    LIST,
    OBJECTS,
    PROVIDERS,
    Certainty,
    Parameters,
    Provider,
    blank,
    filled_in,
    from_json,
    without_secrets,
)
from tests.services.visier.forms import FORMS, full, typed_form

UKG = PROVIDERS["UKG"]


def by_name(provider: str) -> dict[str, Any]:
    found = PROVIDERS[provider]
    return full(found, found.parameters[0])


def test_there_are_fifty_three_providers_the_well_attested_first() -> None:
    assert len(PROVIDERS) == 53
    first = [provider.name for provider in PROVIDERS.values() if provider.first]
    assert first == list(PROVIDERS)[:9]
    assert set(first) == {
        *("UKG", "Dimensions", "Workday", "Redshift", "BasicS3", "CopyS3", "SqlServer"),
        *("Snowflake", "SnowflakeV2"),
    }


def test_what_is_inferred_says_so_and_what_is_unknown_has_no_form() -> None:
    unsure = {p.name: p.certainty for p in PROVIDERS.values() if not p.is_sure}
    assert len(unsure) == 10
    assert all(PROVIDERS[name].note for name in unsure)
    unknown = {name for name, certainty in unsure.items() if certainty is Certainty.UNKNOWN}
    assert unknown == {"SmartRecruiters", "OEMCornerstone"}
    assert all(provider.parameters for name, provider in PROVIDERS.items() if name not in unknown)


def test_every_field_has_plain_words_and_every_object_a_provider() -> None:
    used = {parameters.key for _, parameters in FORMS}
    assert used == set(OBJECTS)
    groups = {field.group for each in OBJECTS.values() for field in each.fields} - {""}
    assert set(GROUPS) == groups
    for parameters in OBJECTS.values():
        names = [field.name for field in parameters.fields]
        assert len(set(names)) == len(names)
        assert all(field.label for field in parameters.fields)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form[0].name}-{form[1].key}")
def test_what_is_typed_is_what_is_written(form: tuple[Provider, Parameters]) -> None:
    provider, parameters = form
    built = full(provider, parameters)
    assert built.keys() == {"provider", parameters.key}
    plain, rows = typed_form(parameters)
    for name, text in plain.items():
        node = built[parameters.key]
        for part in name.split("."):
            node = node[part]
        assert node == text
    for group, entries in rows.items():
        written = built[parameters.key][group.removesuffix(LIST)]
        assert written == [{k.rpartition(".")[2]: v for k, v in e.items()} for e in entries]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form[0].name}-{form[1].key}")
def test_exactly_the_secret_fields_are_known_as_secret(form: tuple[Provider, Parameters]) -> None:
    provider, parameters = form
    built = full(provider, parameters)
    plain, rows = typed_form(parameters)
    secret = {field.name for field in parameters.fields if field.secret}
    entries = [plain, *(entry for own in rows.values() for entry in own)]
    wanted = [text for each in entries for name, text in each.items() if name in secret]
    assert sorted(secret_values({AUTH_PARAMS: built})) == sorted(wanted)
    shown = orjson.dumps(without_secrets(built)).decode()
    assert shown.count(BLOT) == len(wanted)
    assert not [text for text in wanted if orjson.dumps(text).decode()[1:-1] in shown]


def test_whatever_the_catalogue_does_not_know_counts_as_secret() -> None:
    odd = {"newAuthParams": {"pin": 4711, "on": True, "deep": [{"x": "hidden"}]}, "note": "hush"}
    body = {AUTH_PARAMS: {"provider": "UKG", "hasUpdates": False, **odd}}
    assert set(secret_values(body)) == {"4711", "hidden", "hush"}
    assert set(secret_values({AUTH_PARAMS: "a bare text"})) == {"a bare text"}
    shown = without_secrets(body[AUTH_PARAMS])
    assert shown["newAuthParams"] == {"pin": BLOT, "on": True, "deep": [{"x": BLOT}]}


def test_what_is_empty_is_left_out() -> None:
    (parameters,) = UKG.parameters
    built = filled_in(UKG, parameters, {"username": "ann", "password": ""})
    assert built == {"provider": "UKG", "ultimateAuthParams": {"username": "ann"}}
    with pytest.raises(InvalidArgument, match="at least one"):
        filled_in(UKG, parameters, {"password": ""})


@pytest.mark.parametrize("mask", ["********", "•••", "●●●●"])
def test_a_mask_is_never_built_into_a_request(mask: str) -> None:
    (parameters,) = UKG.parameters
    with pytest.raises(InvalidArgument, match="password contains a mask"):
        filled_in(UKG, parameters, {"username": "ann", "password": mask})
    with pytest.raises(InvalidArgument, match="password contains a mask"):
        from_json(UKG, orjson.dumps({"x": {"password": mask}}).decode())


def test_json_is_taken_as_it_stands() -> None:
    text = (
        '{"anyAuthParams": {"key": "  \\n", "list": [1, null], "left": ""}, '
        '"authContext": "Notification"}'
    )
    assert from_json(UKG, text) == {
        "provider": "UKG",
        "anyAuthParams": {"key": "  \n", "list": [1, None]},
        "authContext": "Notification",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": {"password": "canary" "b"}}', "line 1, column 29"),
        ('["canary"]', "one JSON object"),
        ('{"provider": "canary", "a": {"b": "c"}}', "other than UKG"),
        ('{"a": "canary"}', "an object of parameters"),
        ("", "line 1"),
    ],
)
def test_json_that_cannot_be_says_where_and_not_what(text: str, words: str) -> None:
    with pytest.raises(InvalidArgument, match=words) as caught:
        from_json(UKG, text)
    assert caught.value.__context__ is None
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("parameters", OBJECTS.values(), ids=lambda each: each.key)
def test_the_blank_to_begin_from_has_every_field_and_sends_none(parameters: Parameters) -> None:
    text = blank(parameters)
    for field in parameters.fields:
        assert f'"{field.name.rpartition(".")[2]}": ""' in text
    assert not list(secret_values({AUTH_PARAMS: from_json(UKG, text)}))


def test_an_object_without_parameters_can_be_written_as_json() -> None:
    assert from_json(UKG, '{"emptyAuthParams": {}}') == {"provider": "UKG", "emptyAuthParams": {}}

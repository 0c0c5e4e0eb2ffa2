"""The catalogue of providers against the official SDK's models of them."""

from typing import Any, get_args

import pytest

from services.visier.providers import OBJECTS, PROVIDERS
from tests import official_sdk as v
from tests.services.visier.forms import FORMS, full


def aliases(model: Any) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def model_in(annotation: Any) -> Any:
    """Give the model inside Optional[...] or Optional[List[...]]."""
    inner = [part for part in get_args(annotation) if part is not type(None)]
    return model_in(inner[0]) if inner else annotation


def paths(model: Any, prefix: str = "") -> set[str]:
    """Give the names of all fields of a model as the catalogue writes them."""
    found = set()
    for name, annotation in aliases(model).items():
        inner = model_in(annotation)
        mark = "[]" if "List[" in str(annotation) else ""
        if hasattr(inner, "model_fields"):
            found |= paths(inner, f"{prefix}{name}{mark}.")
        else:
            found.add(f"{prefix}{name}")
    return found


def test_the_catalogue_has_every_provider_and_object_of_the_sdk() -> None:
    objects = {name: model_in(kind) for name, kind in aliases(v.DataProviderAuthParamsDTO).items()}
    known = {name: kind for name, kind in objects.items() if name.endswith("AuthParams")}
    assert set(OBJECTS) == set(known) - {"emptyAuthParams"}
    for name, parameters in OBJECTS.items():
        assert {field.name for field in parameters.fields} == paths(known[name]), name


def test_the_sdk_knows_every_provider_and_no_other() -> None:
    for name in PROVIDERS:
        assert v.DataProviderAuthParamsDTO(provider=name).provider == name
    with pytest.raises(ValueError, match="enum") as refused:
        v.DataProviderAuthParamsDTO(provider="Abacus")
    assert sum(f"'{name}'" in str(refused.value) for name in PROVIDERS) == len(PROVIDERS)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form[0].name}-{form[1].key}")
def test_the_sdks_request_model_takes_what_is_built(form: tuple[Any, Any]) -> None:
    body = {
        "dataProviderAuthParams": full(*form),
        "dataProviderBasicInformation": {"displayName": "Name", "description": "Text"},
        "dataProviderMetadata": {"canChildrenInherit": True},
    }
    assert v.DataProviderAuthInformationDTO.from_dict(body).to_dict() == body
    change = {"dataProviderAuthParams": full(*form), "displayName": "Name"}
    assert v.UpdateConnectorCredentialDTO.from_dict(change).to_dict() == change

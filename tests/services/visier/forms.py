"""The form of every provider, filled in."""

from typing import Any

from services.visier.providers import (
    LIST,
    PROVIDERS,
    Field,
    Parameters,
    Provider,
    filled_in,
)

PEM = "-----BEGIN PRIVATE KEY-----\nMIIB+/=&%\r\n\tä€ \"'\\n\n-----END PRIVATE KEY-----\n"
Form = tuple[Provider, Parameters]
FORMS: list[Form] = [
    (provider, parameters) for provider in PROVIDERS.values() for parameters in provider.parameters
]


def _shape(form: Form) -> tuple[frozenset[tuple[bool, ...]], bool]:
    """Tell which kinds of fields a form has, and whether its provider has another."""
    provider, parameters = form
    kinds = (
        (LIST in field.name, bool(field.group), field.secret, field.multiline, bool(field.choices))
        for field in parameters.fields
    )
    return frozenset(kinds), len(provider.parameters) > 1


# One form for all that have the same kinds of fields: to the code that draws them they are alike.
FORMS_OF_EVERY_SHAPE = [*{_shape(form): form for form in reversed(FORMS)}.values()]


def typed_into(field: Field) -> str:
    """Give a text for a field that is its own, and awkward to send where it can be."""
    if field.choices:
        return field.choices[0]
    # What is no secret is trimmed before it comes here.
    awkward = f"{' ' * field.secret}a+b&c=%7E "
    return f"{PEM if field.multiline else awkward}{field.name}"


def typed_form(
    parameters: Parameters,
) -> tuple[dict[str, str], dict[str, list[dict[str, str]]]]:
    """Fill in every field of a form, two entries in each list."""
    texts = {field.name: typed_into(field) for field in parameters.fields}
    plain = {name: text for name, text in texts.items() if LIST not in name}
    groups = {field.group for field in parameters.fields if LIST in field.name}
    rows = {
        group: [
            {name: f"{text}{number}" for name, text in texts.items() if name.startswith(group)}
            for number in range(2)
        ]
        for group in groups
    }
    return plain, rows


def full(provider: Provider, parameters: Parameters) -> dict[str, Any]:
    """Give the auth parameters of a form in which everything is filled in."""
    return filled_in(provider, parameters, *typed_form(parameters))

"""The providers of connector credentials and their parameters, read from `providers.json`.

Sources: the OpenAPI document of the Data and Job Handling API and the official SDK. Visier states
for two providers only which object of parameters they take; `Certainty` says how it is known for
the others. Adding a provider is a change of the data.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import orjson

from .errors import InvalidArgument

AUTH_PARAMS: Final = "dataProviderAuthParams"
BLOT: Final = "•••"
MASK: Final = re.compile(r"[*•●]+")
LIST: Final = "[]"

_ABOUT_THE_CREDENTIAL = frozenset(
    {"provider", "tenantDomainName", "hasUpdates", "authContext", "sourceType"}
)


class Certainty(StrEnum):
    """How it is known which object of parameters a provider takes."""

    STATED = "stated"
    SAME_NAME = "same name"
    LIKELY = "likely"
    GUESS = "guess"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Field:
    """One parameter. ``name`` is its path: `oAuth.apiKey`, `additionalHeaderParams[].key`."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    multiline: bool = False
    choices: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The object it is nested in, with `[]` when there can be many; else empty."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True)
class Parameters:
    """One object of parameters by the name it has in a request."""

    key: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Provider:
    """One provider; ``first`` marks those that Visier itself has named for this call."""

    name: str
    title: str
    parameters: tuple[Parameters, ...]
    certainty: Certainty
    note: str = ""
    first: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether Visier states, or its names imply, which parameters this provider takes."""
        return self.certainty in {Certainty.STATED, Certainty.SAME_NAME}


def _read(document: Mapping[str, Any]) -> tuple[dict[str, Parameters], dict[str, Provider]]:
    objects = {
        key: Parameters(
            key,
            tuple(Field(**{**each, "choices": tuple(each.get("choices", ()))}) for each in fields),
        )
        for key, fields in document["objects"].items()
    }
    providers = {each["name"]: _provider(each, objects) for each in document["providers"]}
    return objects, providers


def _provider(provider: Mapping[str, Any], objects: Mapping[str, Parameters]) -> Provider:
    return Provider(
        provider["name"],
        provider["title"],
        tuple(objects[key] for key in provider["objects"]),
        Certainty(provider["certainty"]),
        provider.get("note", ""),
        provider.get("first", False),
    )


_document = orjson.loads(Path(__file__).with_name("providers.json").read_bytes())
_objects, _providers = _read(_document)
GROUPS: Final[Mapping[str, str]] = MappingProxyType(_document["groups"])
OBJECTS: Final[Mapping[str, Parameters]] = MappingProxyType(_objects)
PROVIDERS: Final[Mapping[str, Provider]] = MappingProxyType(_providers)
_NO_SECRETS: Final = frozenset(
    f"{key}.{field.name}"
    for key, parameters in OBJECTS.items()
    for field in parameters.fields
    if not field.secret
)


def filled_in(
    provider: Provider,
    parameters: Parameters,
    typed: Mapping[str, str],
    rows: Mapping[str, Sequence[Mapping[str, str]]] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the auth parameters of a credential as they were typed, character for character.

    ``typed`` has texts by field name, ``rows`` for each list (`additionalHeaderParams[]`) its
    entries by the whole field name. Empty texts are left out. Raises InvalidArgument, without a
    value in it, when nothing is filled in and for a mask in place of a value.
    """
    content: dict[str, Any] = {}
    for field in parameters.fields:
        if LIST not in field.name and typed.get(field.name):
            *groups, leaf = field.name.split(".")
            holder = content
            for group in groups:
                holder = holder.setdefault(group, {})
            holder[leaf] = typed[field.name]
    for group, entries in rows.items():
        written = [
            {name.rpartition(".")[2]: value for name, value in entry.items() if value}
            for entry in entries
        ]
        if any(written):
            content[group.removesuffix(LIST)] = [entry for entry in written if entry]
    if not content:
        raise InvalidArgument("Fill in at least one parameter.")
    return _checked(provider, {parameters.key: content})


def from_json(provider: Provider, text: str) -> dict[str, Any]:
    """Return the auth parameters of a credential from JSON, which may leave out the provider.

    Empty texts are left out, the rest is unchanged. Raises InvalidArgument, without a value in it,
    for anything but such an object, and as ``filled_in``.
    """
    wrong_at = ""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        wrong_at = f"line {error.lineno}, column {error.colno}"
    if wrong_at:
        # Out here, since that exception holds the whole text and would hang on to this one.
        raise InvalidArgument(f"Invalid JSON at {wrong_at}.")
    if not isinstance(content, dict):
        raise InvalidArgument("The parameters must be one JSON object: { … }.")
    if content.get("provider", provider.name) != provider.name:
        raise InvalidArgument(f"The JSON names a provider other than {provider.name}.")
    if not any(isinstance(value, dict) for value in content.values()):
        raise InvalidArgument("One of the entries must be an object of parameters.")
    return _checked(provider, _without_empty(content))


def _without_empty(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_empty(value) for key, value in node.items() if value != ""}
    return [_without_empty(value) for value in node] if isinstance(node, list) else node


def blank(parameters: Parameters) -> str:
    """Return an object of parameters as JSON with all values empty, to start from."""
    content: dict[str, Any] = {}
    for field in parameters.fields:
        *groups, leaf = field.name.split(".")
        holder = content
        for group in groups:
            inner: dict[str, Any] = {}
            if group.endswith(LIST):
                holder = holder.setdefault(group.removesuffix(LIST), [inner])[0]
            else:
                holder = holder.setdefault(group, inner)
        holder[leaf] = ""
    return orjson.dumps({parameters.key: content}, option=orjson.OPT_INDENT_2).decode()


def _checked(provider: Provider, content: Mapping[str, Any]) -> dict[str, Any]:
    for path, value in _leaves(content, ""):
        # Visier refuses masks, and one that it took would replace the stored secret.
        if isinstance(value, str) and MASK.fullmatch(value):
            name = path.rpartition(".")[2]
            raise InvalidArgument(
                f"{name} contains a mask. Enter the value itself, or leave it empty."
            )
    return {"provider": provider.name, **content}


def _leaves(node: object, path: str) -> Iterator[tuple[str, object]]:
    """Yield the path and value of each leaf; a list is `[]` in a path."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _leaves(value, path + LIST)
    else:
        yield path, node


def _is_secret(path: str, value: object) -> bool:
    """Return whether a value must stay hidden: any that the catalogue does not list as harmless."""
    if value is None or isinstance(value, bool):
        return False
    return path not in _ABOUT_THE_CREDENTIAL and path not in _NO_SECRETS


def secrets_in(params: object) -> Iterator[str]:
    """Yield each secret in auth parameters as text; an unknown parameter counts as a secret."""
    for path, value in _leaves(params, ""):
        if _is_secret(path, value):
            yield str(value)


def without_secrets(params: object, path: str = "") -> Any:
    """Return auth parameters with each secret replaced by BLOT."""
    if isinstance(params, Mapping):
        return {
            key: without_secrets(value, f"{path}.{key}" if path else str(key))
            for key, value in params.items()
        }
    if isinstance(params, list | tuple):
        return [without_secrets(value, path + LIST) for value in params]
    return BLOT if _is_secret(path, params) else params

"""Every verb there is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from . import (
    all_uploads,
    assigning,
    cancelling,
    connector_settings,
    deleting,
    files,
    uploads,
    versions,
)
from .kinds import Kind, Verb

KINDS: Final[Mapping[Verb, Kind]] = MappingProxyType(
    {
        kind.verb: kind
        for kind in (
            uploads.EXCLUDE,
            uploads.INCLUDE,
            all_uploads.EXCLUDE,
            all_uploads.INCLUDE,
            files.EXCLUDE,
            files.INCLUDE,
            versions.DISABLE,
            cancelling.CANCEL,
            assigning.ASSIGN,
            connector_settings.SET_SETTINGS,
            deleting.DELETE,
        )
    }
)

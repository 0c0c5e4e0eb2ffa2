"""Every verb that changes many items, by its token."""

from types import MappingProxyType
from typing import Final

from ..engine.plan import Registry
from . import (
    all_uploads,
    assigning,
    cancelling,
    connector_settings,
    deleting,
    files,
    uploads,
    versions,
    webhooks,
)

VERBS: Final[Registry] = MappingProxyType(
    {
        spec.verb: spec
        for spec in (
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
            webhooks.CREATE,
            webhooks.TEST,
            webhooks.ACTIVATE,
            webhooks.DEACTIVATE,
            webhooks.DELETE,
        )
    }
)

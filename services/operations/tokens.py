"""The verbs, by the tokens of ledger, settings, exports and metrics."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Verb(StrEnum):
    """What can be done. A token never changes; screens have the words for it."""

    EXCLUDE_UPLOADS = "exclude_uploads"
    INCLUDE_UPLOADS = "include_uploads"
    EXCLUDE_ALL_UPLOADS = "exclude_all_uploads"
    INCLUDE_ALL_UPLOADS = "include_all_uploads"
    EXCLUDE_FILES = "exclude_files"
    INCLUDE_FILES = "include_files"
    DISABLE_VERSIONS = "disable_versions"
    CANCEL_JOBS = "cancel_jobs"
    START_LOAD = "start_load"
    START_EXTRACTION = "start_extraction"
    START_PROCESSING = "start_processing"
    START_CONSOLIDATION = "start_consolidation"
    ASSIGN_CREDENTIALS = "assign_credentials"
    SET_CONNECTOR_SETTINGS = "set_connector_settings"
    CREATE_CREDENTIALS = "create_credentials"
    CHANGE_CREDENTIAL = "change_credential_details"
    ROTATE_SECRETS = "rotate_secrets"
    DELETE_CREDENTIALS = "delete_credentials"
    RECOVER = "recover"
    DOWNLOAD_FILES = "download_files"
    CHANGE_RULES = "change_rules"
    HANDLE_INCIDENTS = "handle_incidents"
    CREATE_WEBHOOKS = "create_webhooks"
    TEST_WEBHOOKS = "test_webhooks"
    ACTIVATE_WEBHOOKS = "activate_webhooks"
    DEACTIVATE_WEBHOOKS = "deactivate_webhooks"
    DELETE_WEBHOOKS = "delete_webhooks"


START_VERBS: Final = (
    Verb.START_LOAD,
    Verb.START_EXTRACTION,
    Verb.START_PROCESSING,
    Verb.START_CONSOLIDATION,
)
CREDENTIAL_VERBS: Final = (Verb.CREATE_CREDENTIALS, Verb.CHANGE_CREDENTIAL, Verb.ROTATE_SECRETS)
"""What a form does to credentials."""

FORMER_VERBS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"change_credential": frozenset({Verb.CHANGE_CREDENTIAL, Verb.ROTATE_SECRETS})}
)
"""Verbs of earlier versions in the ledger, and the verbs each was divided into."""

FORMER_NAMES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "Exclude data uploads": frozenset({Verb.EXCLUDE_UPLOADS}),
        "Include data uploads": frozenset({Verb.INCLUDE_UPLOADS}),
        "Exclude all data uploads": frozenset({Verb.EXCLUDE_ALL_UPLOADS}),
        "Include all data uploads": frozenset({Verb.INCLUDE_ALL_UPLOADS}),
        "Exclude files": frozenset({Verb.EXCLUDE_FILES}),
        "Include files": frozenset({Verb.INCLUDE_FILES}),
        "Disable data versions": frozenset({Verb.DISABLE_VERSIONS}),
        "Cancel jobs": frozenset({Verb.CANCEL_JOBS}),
        "Start a data load": frozenset({Verb.START_LOAD}),
        "Start extraction jobs": frozenset({Verb.START_EXTRACTION}),
        "Start processing jobs": frozenset({Verb.START_PROCESSING}),
        "Start a consolidated analytics job": frozenset({Verb.START_CONSOLIDATION}),
        "Assign credentials": frozenset({Verb.ASSIGN_CREDENTIALS}),
        "Set connector settings": frozenset({Verb.SET_CONNECTOR_SETTINGS}),
        "Create credentials": frozenset({Verb.CREATE_CREDENTIALS}),
        "Change credential details": frozenset({Verb.CHANGE_CREDENTIAL}),
        "Rotate secrets": frozenset({Verb.ROTATE_SECRETS}),
        "Change a credential": frozenset({Verb.CHANGE_CREDENTIAL, Verb.ROTATE_SECRETS}),
        "Delete credentials": frozenset({Verb.DELETE_CREDENTIALS}),
        "Recover from a bad load": frozenset({Verb.RECOVER}),
        "Download source files": frozenset({Verb.DOWNLOAD_FILES}),
    }
)
"""The names of verbs in settings of earlier versions, and the verbs each means."""

BEGIN_CHAINS: Final = frozenset({Verb.EXCLUDE_UPLOADS, Verb.DISABLE_VERSIONS})
"""The verbs a chain can begin with: exclude, disable what was made, reprocess, verify."""

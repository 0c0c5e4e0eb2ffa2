"""Changes: planned, then applied, each item with its own outcome; looked up, retried, undone.

A plan is pure: a selection and the present state in, every item with what it is, what it would be
and why it is skipped out. A Runner applies it apart from the page, and the ledger keeps the rest.
"""

from .all_uploads import plan_exclude_all_uploads, plan_include_all_uploads
from .assigning import plan_assign_credentials
from .cancelling import plan_cancel_jobs
from .connector_settings import plan_set_connector_settings
from .deleting import plan_delete_credentials
from .files import FileChoice, chosen_files, plan_exclude_files, plan_include_files
from .kinds import CREDENTIAL_VERBS, FORMER_NAMES, FORMER_VERBS, Verb, read_key
from .looking import LookedUp, look_up
from .permissions import EVERY_VERB, NotAllowed, Permissions, permitted
from .plan import Concern, Plan, seconds_for
from .requests import curl_of, request_of, requests_of
from .runner import Progress, Runner
from .undoing import NoInverse, retry_plan, undo_plan
from .upload_ranges import plan_exclude_range, plan_include_range
from .uploads import plan_exclude_uploads, plan_include_uploads
from .versions import plan_disable_data_versions
from .workers import Workers

__all__ = [
    "CREDENTIAL_VERBS",
    "EVERY_VERB",
    "FORMER_NAMES",
    "FORMER_VERBS",
    "Concern",
    "FileChoice",
    "LookedUp",
    "NoInverse",
    "NotAllowed",
    "Permissions",
    "Plan",
    "Progress",
    "Runner",
    "Verb",
    "Workers",
    "chosen_files",
    "curl_of",
    "look_up",
    "permitted",
    "plan_assign_credentials",
    "plan_cancel_jobs",
    "plan_delete_credentials",
    "plan_disable_data_versions",
    "plan_exclude_all_uploads",
    "plan_exclude_files",
    "plan_exclude_range",
    "plan_exclude_uploads",
    "plan_include_all_uploads",
    "plan_include_files",
    "plan_include_range",
    "plan_include_uploads",
    "plan_set_connector_settings",
    "read_key",
    "request_of",
    "requests_of",
    "retry_plan",
    "seconds_for",
    "undo_plan",
]

"""Changes: planned, applied, looked up, retried and undone, with an outcome for each item.

Planning is pure: from a selection and the present state it makes a plan, which has the state before
and after of every item, and why an item is skipped. A Runner applies the plan in a thread of its
own, and the ledger keeps its record.
"""

from functools import partial

from .engine import follow_ups, reconcile
from .engine.changes import Change, Finding, Skip, read_key
from .engine.follow_ups import NoInverse
from .engine.permissions import EVERY_VERB, Bar, Closed, NotAllowed, Permissions, permitted
from .engine.plan import Plan, PlanWarning, WarningKind, seconds_for
from .engine.planning import FollowUp, Planning
from .engine.reconcile import LookedUp
from .engine.runner import Progress, Runner
from .engine.threads import Threads
from .requests import curl_of, request_of, requests_of
from .tokens import CREDENTIAL_VERBS, FORMER_NAMES, FORMER_VERBS, Verb
from .verbs.all_uploads import plan_exclude_all_uploads, plan_include_all_uploads
from .verbs.assigning import plan_assign_credentials
from .verbs.cancelling import plan_cancel_jobs
from .verbs.connector_settings import plan_set_connector_settings
from .verbs.deleting import plan_delete_credentials
from .verbs.files import FileChoice, chosen_files, plan_exclude_files, plan_include_files
from .verbs.registry import VERBS
from .verbs.upload_ranges import plan_exclude_range, plan_include_range
from .verbs.uploads import plan_exclude_uploads, plan_include_uploads
from .verbs.versions import plan_disable_data_versions

look_up = partial(reconcile.look_up, registry=VERBS)
undo_plan = partial(follow_ups.undo_plan, registry=VERBS)
retry_plan = partial(follow_ups.retry_plan, registry=VERBS)

__all__ = [
    "CREDENTIAL_VERBS",
    "EVERY_VERB",
    "FORMER_NAMES",
    "FORMER_VERBS",
    "VERBS",
    "Bar",
    "Change",
    "Closed",
    "FileChoice",
    "Finding",
    "FollowUp",
    "LookedUp",
    "NoInverse",
    "NotAllowed",
    "Permissions",
    "Plan",
    "PlanWarning",
    "Planning",
    "Progress",
    "Runner",
    "Skip",
    "Threads",
    "Verb",
    "WarningKind",
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

"""The face of the kernel: everything that a service may use stands here, and nothing else."""

from .access import organization, principals
from .access.contract import Guard, Principal
from .call import Call, Page
from .declare import (
    Resource,
    Service,
    Tagging,
    Verbs,
    by,
    fixed,
    forget,
    inside,
    linked,
    member,
    on,
    operation,
    resource,
    stored,
    task,
    timer,
)
from .entrance import doors
from .errors import AwsError, error, not_implemented
from .record.answers import Answer
from .resources import lifecycle
from .resources.arns import Arn, parse_arn
from .store.blobs import Spool
from .store.contract import Conflict, Table
from .wire.contract import Raw
from .work import cron

__all__ = [
    "Answer", "Arn", "AwsError", "Call", "Conflict", "Guard", "Page", "Principal", "Raw", "Resource",
    "Service", "Spool", "Table", "Tagging", "Verbs", "by", "cron", "doors", "error", "fixed", "forget", "inside",
    "lifecycle", "linked", "member", "not_implemented", "on", "operation", "organization", "parse_arn", "principals",
    "resource", "stored", "task", "timer",
]

"""Jobs of Batch Operations: what a job may be.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import generating, handing, invoking, manifests, plans
from .manifests import bad
from .resources import Job

REPORT = "Report_CSV_20180820"
OPEN = frozenset({"New", "Preparing", "Suspended", "Ready", "Active"})
INVOKE = "LambdaInvoke"


def check(said: Mapping[str, Any]) -> None:
    """CreateJob's members, or an error."""
    operation = said["Operation"]
    if len(operation) != 1:
        raise bad("Exactly one operation must be specified.")
    name, options = next(iter(operation.items()))
    if name == INVOKE:
        invoking.check(options or {})
    elif name in handing.ACTIONS:
        handing.check(name, options or {})
    else:
        plans.check(name, options or {})
    if (said["Manifest"] is None) == (said["ManifestGenerator"] is None):
        raise bad("Either a manifest or a manifest generator must be specified.")
    if said["Manifest"] is not None:
        manifests.check(said["Manifest"])
    else:
        generating.check(said["ManifestGenerator"])
    report = said["Report"]
    if report["Enabled"] and (not report.get("Bucket") or report.get("Format") != REPORT or not report.get("ReportScope")):
        raise bad("An enabled report needs a bucket, a format and a scope.")


def operation_of(job: Job) -> tuple[str, Mapping[str, Any]]:
    """The name of what the job does, and what is said of it."""
    name, options = next(iter(job.said["Operation"].items()))
    return name, options or {}

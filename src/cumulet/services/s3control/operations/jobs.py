"""Jobs of Batch Operations: made, told, listed, confirmed, cancelled, tagged."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import jobs, manifests, tokens
from ..owner import check_account
from ..preparing import prepare
from ..resources import Job
from ..working import end, work

_MOST = 1000
_MOST_TAGS = 50


@operation
def create_job(call: Call, AccountId: str, Operation: dict[str, Any], Report: dict[str, Any], ClientRequestToken: str,
               Priority: int, RoleArn: str, Manifest: dict[str, Any] | None = None,
               ManifestGenerator: dict[str, Any] | None = None, ConfirmationRequired: bool | None = None,
               Description: str | None = None, Tags: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html"""
    check_account(call, AccountId)
    said = {"Operation": Operation, "Report": Report, "RoleArn": RoleArn, "Manifest": Manifest, "Description": Description,
            "ManifestGenerator": ManifestGenerator, "ConfirmationRequired": ConfirmationRequired}
    known = call.table(Job).find("token", ClientRequestToken)
    if known is not None:
        if known.said != said:
            raise error.IdempotencyException("The same token was used for another job.")
        return {"JobId": known.id}
    jobs.check(said)
    row = Job(id=call.uuid(), token=ClientRequestToken, created=call.now, said=said, priority=Priority, tags=_tags(Tags or []))
    call.table(Job).insert(row)
    call.task(prepare, job=row.id)
    return {"JobId": row.id}


@operation
def describe_job(call: Call, AccountId: str, JobId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DescribeJob.html"""
    row = _job(call, AccountId, JobId)
    return {"Job": _told(call, row) | {
        "ConfirmationRequired": row.said["ConfirmationRequired"], "Manifest": row.said["Manifest"],
        "ManifestGenerator": row.said.get("ManifestGenerator"), "GeneratedManifestDescriptor": {
            "Format": manifests.GENERATED, "Location": row.generated} if row.generated is not None else None,
        "SuspendedDate": row.suspended or None,
        "JobArn": f"arn:aws:s3:{call.region}:{call.account}:job/{row.id}", "Operation": row.said["Operation"],
        "Report": row.said["Report"], "RoleArn": row.said["RoleArn"], "StatusUpdateReason": row.because or None,
        "FailureReasons": [{"FailureCode": code, "FailureReason": reason} for code, reason in row.reasons]}}


@operation
def list_jobs(call: Call, AccountId: str, JobStatuses: list[str] | None = None, NextToken: str | None = None,
              MaxResults: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListJobs.html"""
    check_account(call, AccountId)
    before, limit = _place(NextToken) if NextToken else None, MaxResults or _MOST
    rows = [row for row in call.table(Job).scan(index="made", reverse=True, before=before)
            if not JobStatuses or row.status in JobStatuses]
    page = rows[:limit]
    return {"Jobs": [_told(call, row) | {"Operation": next(iter(row.said["Operation"]))} for row in page],
            "NextToken": tokens.written(f"{page[-1].created!r} {page[-1].id}") if len(rows) > limit else None}


def _place(token: str) -> tuple[float, str]:
    """Behind which job a page begins, also when that one has gone."""
    try:
        created, _, job = tokens.read(token).partition(" ")
        return float(created), job
    except ValueError:
        raise error.InvalidNextTokenException("The token is not valid.") from None


def _told(call: Call, row: Job) -> dict[str, Any]:
    """What both DescribeJob and ListJobs say."""
    active = (row.ended or call.now) - row.began if row.began else 0.0
    return {"JobId": row.id, "Description": row.said["Description"], "Status": row.status, "Priority": row.priority,
            "CreationTime": row.created, "TerminationDate": row.ended or None, "ProgressSummary": {
                "TotalNumberOfTasks": row.total, "NumberOfTasksSucceeded": row.succeeded, "NumberOfTasksFailed": row.failed,
                "Timers": {"ElapsedTimeInActiveSeconds": int(active)}}}


@operation
def update_job_priority(call: Call, AccountId: str, JobId: str, Priority: int) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UpdateJobPriority.html"""
    row = _job(call, AccountId, JobId)
    if row.status not in jobs.OPEN:
        raise manifests.bad(f"The priority of a job in status {row.status} cannot be changed.")
    call.table(Job).change(JobId, priority=Priority)
    return {"JobId": JobId, "Priority": Priority}


@operation
def update_job_status(call: Call, AccountId: str, JobId: str, RequestedJobStatus: str,
                      StatusUpdateReason: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UpdateJobStatus.html"""
    row = _job(call, AccountId, JobId)
    confirms = RequestedJobStatus == "Ready" and row.status == "Suspended"
    if not confirms and not (RequestedJobStatus == "Cancelled" and row.status in jobs.OPEN):
        raise error.JobStatusException(f"A job in status {row.status} cannot become {RequestedJobStatus}.")
    row.because = StatusUpdateReason or ""
    if confirms:
        row.status = RequestedJobStatus
        call.put(row)
        call.task(work, job=JobId)
    else:
        end(call, row, RequestedJobStatus)
    return {"JobId": JobId, "Status": row.status, "StatusUpdateReason": StatusUpdateReason}


@operation
def put_job_tagging(call: Call, AccountId: str, JobId: str, Tags: list[dict[str, str]]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutJobTagging.html"""
    _job(call, AccountId, JobId)
    call.table(Job).change(JobId, tags=_tags(Tags))


@operation
def get_job_tagging(call: Call, AccountId: str, JobId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetJobTagging.html"""
    return {"Tags": [{"Key": key, "Value": value} for key, value in _job(call, AccountId, JobId).tags.items()]}


@operation
def delete_job_tagging(call: Call, AccountId: str, JobId: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteJobTagging.html"""
    _job(call, AccountId, JobId)
    call.table(Job).change(JobId, tags={})


def _tags(given: list[dict[str, str]]) -> dict[str, str]:
    if len(given) > _MOST_TAGS:
        raise error.TooManyTagsException(f"A job has at most {_MOST_TAGS} tags.")
    return {tag["Key"]: tag["Value"] for tag in given}


def _job(call: Call, account: str, job: str) -> Job:
    check_account(call, account)
    row = call.table(Job).get(job)
    if row is None:
        raise error.NotFoundException("The specified job does not exist.", 404)
    return row

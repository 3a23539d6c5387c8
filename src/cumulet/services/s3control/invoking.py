"""Jobs that invoke a function for each object: the event that it is given, and what its answer means.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from .manifests import bad
from .outcomes import Outcome
from .resources import Job, Task

_SCHEMAS = ("1.0", "2.0")
_LONGEST_NAME, _LONGEST_VALUE = 64, 1024
_SUCCEEDED, _TEMPORARY, _PERMANENT = "Succeeded", "TemporaryFailure", "PermanentFailure"


def check(said: Mapping[str, Any]) -> None:
    """The members of LambdaInvoke, or an error."""
    schema, arguments = _schema(said), said.get("UserArguments") or {}
    if not said.get("FunctionArn"):
        raise bad("The ARN of a function must be specified.")
    if schema not in _SCHEMAS:
        raise bad(f"Invalid InvocationSchemaVersion: {schema}")
    if arguments and schema == "1.0":
        raise bad("UserArguments need InvocationSchemaVersion 2.0.")
    if any(not 1 <= len(name) <= _LONGEST_NAME or len(value) > _LONGEST_VALUE for name, value in arguments.items()):
        raise bad("UserArguments have names of at most 64 characters, and values of at most 1024.")


def _schema(said: Mapping[str, Any]) -> str:
    return said.get("InvocationSchemaVersion") or "1.0"


def task_id(task: Task) -> str:
    return base64.b64encode(f"{task.job}/{task.number}".encode()).decode()


def event(job: Job, task: Task, said: Mapping[str, Any], invocation: str) -> bytes:
    """What the function is given. The key is encoded as in a manifest."""
    about: dict[str, Any] = {"id": job.id}
    if said.get("UserArguments"):
        about["userArguments"] = said["UserArguments"]
    place = {"s3Bucket": task.bucket} if _schema(said) == "2.0" else {"s3BucketArn": f"arn:aws:s3:::{task.bucket}"}
    return msgspec.json.encode({
        "invocationSchemaVersion": _schema(said), "invocationId": invocation, "job": about, "tasks": [
            {"taskId": task_id(task), "s3Key": quote(task.key, safe="/"), "s3VersionId": task.version or None, **place}]})


def outcome(task: Task, answer: Mapping[str, Any]) -> Outcome:
    """What Invoke's answer says of the task."""
    payload: bytes = answer["Payload"]
    text = payload.decode("utf-8", "replace")
    if answer.get("FunctionError"):
        return Outcome(200, _PERMANENT, f"Lambda returned function error: {text}")
    try:
        said = msgspec.json.decode(payload)
        results = {one["taskId"]: one for one in said["results"]}
        found = results.get(task_id(task)) or {"resultCode": said.get("treatMissingKeysAs") or _PERMANENT}
        code, message = found["resultCode"], found.get("resultString") or ""
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return Outcome(200, _PERMANENT, f"Lambda returned an invalid response: {text}")
    if code not in (_SUCCEEDED, _TEMPORARY, _PERMANENT):
        return Outcome(200, _PERMANENT, f"Lambda returned an invalid result code: {code}")
    return Outcome(200, "" if code == _SUCCEEDED else code, str(message), again=code == _TEMPORARY)

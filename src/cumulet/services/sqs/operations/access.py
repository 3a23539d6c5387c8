"""Who else may use a queue: labelled statements of its policy."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from ..addresses import queue_at
from ..content import invalid
from ..resources import Queue

_LABEL = re.compile(r"[A-Za-z0-9_-]{1,80}")
_ACTIONS = frozenset({"*", "SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes",
                      "GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue"})
_OWNERS = frozenset({"AddPermission", "RemovePermission", "CreateQueue", "DeleteQueue", "ListQueues", "SetQueueAttributes",
                     "ListQueueTags", "TagQueue", "UntagQueue", "StartMessageMoveTask", "CancelMessageMoveTask",
                     "ListMessageMoveTasks"})
_MOST_ACTIONS = 7
_MOST_STATEMENTS = 20


@operation
def add_permission(call: Call, QueueUrl: str, Label: str, AWSAccountIds: Sequence[str], Actions: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html"""
    call, queue = queue_at(call, QueueUrl)
    if not _LABEL.fullmatch(Label):
        raise invalid(Label, "Label", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.")
    _check_actions(Actions)
    _check_accounts(AWSAccountIds)
    arn = call.arn(queue)
    policy = json.loads(queue.Policy) if queue.Policy else {
        "Version": "2012-10-17", "Id": f"{arn}/SQSDefaultPolicy", "Statement": []}
    statements = _statements(policy)
    if any(statement.get("Sid") == Label for statement in statements):
        raise invalid(Label, "Label", "Already exists.")
    if len(statements) >= _MOST_STATEMENTS:
        raise error.OverLimit(f"A queue policy can have {_MOST_STATEMENTS} statements.")
    principals = [f"arn:{arn.split(':')[1]}:iam::{account}:root" for account in AWSAccountIds]
    actions = [f"SQS:{action}" for action in Actions]
    statements.append({"Sid": Label, "Effect": "Allow", "Principal": {"AWS": _one_or_all(principals)},
                       "Action": _one_or_all(actions), "Resource": arn})
    _save(call, queue, policy, statements)


@operation
def remove_permission(call: Call, QueueUrl: str, Label: str) -> None:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html"""
    call, queue = queue_at(call, QueueUrl)
    policy = json.loads(queue.Policy) if queue.Policy else {}
    statements = _statements(policy)
    left = [statement for statement in statements if statement.get("Sid") != Label]
    if len(left) == len(statements):
        raise invalid(Label, "Label", "can't find label on existing policy.")
    _save(call, queue, policy, left)


def _check_actions(actions: Sequence[str]) -> None:
    if not actions:
        raise error.MissingParameter("The request must contain the parameter Actions.")
    if len(actions) > _MOST_ACTIONS:
        raise error.OverLimit(f"{len(actions)} Actions were found, maximum allowed is {_MOST_ACTIONS}.")
    for action in actions:
        if action in _OWNERS:
            raise invalid(f"SQS:{action}", "ActionName", "Only the queue owner is allowed to invoke this action.")
        if action not in _ACTIONS:
            raise invalid(f"SQS:{action}", "ActionName", "Please refer to the appropriate WSDL for a list of valid actions.")


def _check_accounts(accounts: Sequence[str]) -> None:
    if not accounts:
        raise error.MissingParameter("The request must contain the parameter AWSAccountIds.")
    for account in accounts:
        if len(account) != 12 or not account.isdigit():
            raise invalid(json.dumps(list(accounts)), "PrincipalId", "Unable to verify.")


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    found = policy.get("Statement", [])
    return found if isinstance(found, list) else [found]


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _save(call: Call, queue: Queue, policy: dict[str, Any], statements: list[dict[str, Any]]) -> None:
    policy["Statement"] = statements
    text = json.dumps(policy, separators=(",", ":")) if statements else None
    call.table(Queue).change(queue.QueueName, Policy=text, modified=call.now)

"""Who may invoke: the resource policy of a function, statement by statement; and tags."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import Call, error, operation, parse_arn

from ..names import arn_of, check_revision, function, qualified, split
from ..resources import CapacityProvider, CodeSigningConfig, EventSourceMapping, Function

_MOST_POLICY = 20_480
Tagged = Function | EventSourceMapping | CodeSigningConfig | CapacityProvider


@operation
def add_permission(call: Call, FunctionName: str, StatementId: str, Action: str, Principal: str, SourceArn: str | None = None,
                   SourceAccount: str | None = None, Qualifier: str | None = None, RevisionId: str | None = None,
                   PrincipalOrgID: str | None = None, FunctionUrlAuthType: str | None = None,
                   InvokedViaFunctionUrl: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html"""
    name, qualifier = split(call, FunctionName, Qualifier)
    row = qualified(call, name, qualifier)
    check_revision(row, RevisionId)
    statements = row.policies.get(qualifier, [])
    if any(s["Sid"] == StatementId for s in statements):
        raise error.ResourceConflictException(f"The statement id ({StatementId}) provided already exists. Please provide a new"
                                              " statement id, or remove the existing statement.")
    statement = _statement(StatementId, Action, Principal, arn_of(call, name, qualifier), SourceArn, SourceAccount,
                           PrincipalOrgID)
    if FunctionUrlAuthType is not None:
        _condition(statement, "StringEquals", "lambda:FunctionUrlAuthType", FunctionUrlAuthType)
    if InvokedViaFunctionUrl is not None:
        _condition(statement, "Bool", "lambda:InvokedViaFunctionUrl", str(InvokedViaFunctionUrl).lower())
    row.policies = row.policies | {qualifier: [*statements, statement]}
    if len(_policy(row, qualifier)) > _MOST_POLICY:
        raise error.PolicyLengthExceededException("The final policy size is bigger than the limit (20480).")
    row.revision = call.uuid()
    call.put(row)
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


def _statement(sid: str, action: str, principal: str, resource: str, source: str | None, account: str | None,
               organization: str | None) -> dict[str, Any]:
    who: Any = principal
    if principal.endswith(".amazonaws.com"):
        who = {"Service": principal}
    elif principal != "*":
        who = {"AWS": principal if principal.startswith("arn:") else f"arn:aws:iam::{principal}:root"}
    conditions: dict[str, Any] = {}
    if source:
        conditions["ArnLike"] = {"AWS:SourceArn": source}
    if account:
        conditions["StringEquals"] = {"AWS:SourceAccount": account}
    if organization:
        conditions.setdefault("StringEquals", {})["aws:PrincipalOrgID"] = organization
    said = {"Sid": sid, "Effect": "Allow", "Principal": who, "Action": action, "Resource": resource}
    return said | ({"Condition": conditions} if conditions else {})


def _condition(statement: dict[str, Any], operator: str, key: str, value: str) -> None:
    statement.setdefault("Condition", {}).setdefault(operator, {})[key] = value


def _policy(row: Function, qualifier: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": row.policies[qualifier]}, separators=(",", ":"))


@operation
def get_policy(call: Call, FunctionName: str, Qualifier: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html"""
    name, qualifier = split(call, FunctionName, Qualifier)
    row = qualified(call, name, qualifier)
    if not row.policies.get(qualifier):
        raise error.ResourceNotFoundException("The resource you requested does not exist.")
    return {"Policy": _policy(row, qualifier), "RevisionId": row.revision}


@operation
def remove_permission(call: Call, FunctionName: str, StatementId: str, Qualifier: str | None = None,
                      RevisionId: str | None = None) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html"""
    name, qualifier = split(call, FunctionName, Qualifier)
    row = qualified(call, name, qualifier)
    check_revision(row, RevisionId)
    left = [s for s in row.policies.get(qualifier, []) if s["Sid"] != StatementId]
    if len(left) == len(row.policies.get(qualifier, [])):
        raise error.ResourceNotFoundException(f"Statement {StatementId} is not found in resource policy.")
    row.policies = {k: v for k, v in (row.policies | {qualifier: left}).items() if v}
    row.revision = call.uuid()
    call.put(row)


def _by_arn(call: Call, text: str) -> tuple[Tagged, tuple[str, ...]]:
    """What has tags under this ARN, and its key."""
    arn = parse_arn(text)
    if arn is not None and arn.resource.startswith("event-source-mapping:"):
        uuid = arn.resource.partition(":")[2]
        return call.get(EventSourceMapping, uuid), (uuid,)
    if arn is not None and arn.resource.startswith("code-signing-config:"):
        identifier = arn.resource.partition(":")[2]
        return call.get(CodeSigningConfig, identifier), (identifier,)
    if arn is not None and arn.resource.startswith("capacity-provider:"):
        name = arn.resource.partition(":")[2]
        return call.get(CapacityProvider, name), (name,)
    if arn is None or not arn.resource.startswith("function:"):
        raise error.ResourceNotFoundException("The resource you requested does not exist.")
    name, qualifier = split(call, text)
    if qualifier:
        raise error.InvalidParameterValueException(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.")
    return function(call, name), (name,)


@operation
def tag_resource(call: Call, Resource: str, Tags: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html"""
    row, key = _by_arn(call, Resource)
    tags = row.tags | Tags
    if len(tags) > 50:
        raise error.InvalidParameterValueException("Number of tags exceeds resource tag limit.")
    call.table(type(row)).change(*key, tags=tags)


@operation
def untag_resource(call: Call, Resource: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UntagResource.html"""
    row, key = _by_arn(call, Resource)
    call.table(type(row)).change(*key, tags={k: v for k, v in row.tags.items() if k not in TagKeys})


@operation
def list_tags(call: Call, Resource: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html"""
    return {"Tags": _by_arn(call, Resource)[0].tags}

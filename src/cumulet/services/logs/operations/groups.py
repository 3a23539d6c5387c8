"""Log groups: made, told, changed, deleted; their retention and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, operation

from .. import indexing, sealing
from ..background import expire, watch
from ..datasources import among
from ..effective import account_policies, policy
from ..keeping import forget_group
from ..names import group_of, invalid, name_of, starting_with
from ..resources import LogGroup, LogStream, MetricFilter, Numbered, SubscriptionFilter, Tally, description
from ..settings import INDEX, PROTECTION, GroupPolicy, SyslogConfiguration
from .tags import checked_tags

_RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
_STORED = 'SELECT COALESCE(sum("size"), 0) FROM {table} WHERE scope = {scope} AND "group" = ?'


@operation
def create_log_group(call: Call, logGroupName: str, kmsKeyId: str | None = None, tags: Mapping[str, str] = {},
                     logGroupClass: str = "STANDARD", deletionProtectionEnabled: bool = False) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"""
    if logGroupName.startswith("aws/"):
        raise invalid("Log groups starting with 'aws/' are reserved for AWS.")
    if call.table(LogGroup).get(logGroupName) is not None:
        raise error.ResourceAlreadyExistsException("The specified log group already exists")
    number = call.table(Numbered).insert(Numbered(name=logGroupName)).number
    group = LogGroup(LogGroupName=logGroupName, LogGroupClass=logGroupClass, KmsKeyId=kmsKeyId, number=number,
                     DeletionProtectionEnabled=deletionProtectionEnabled, tags=checked_tags({}, tags), created=call.now)
    group.wide = call.arn(group) + ":*"
    if kmsKeyId is not None:
        sealing.renew(call, group)
    try:
        call.table(LogGroup).insert(group)
    except Conflict:
        raise error.ResourceAlreadyExistsException("The specified log group already exists") from None


@operation
def delete_log_group(call: Call, logGroupName: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html"""
    group = call.get(LogGroup, logGroupName)
    if group.DeletionProtectionEnabled:
        raise error.ValidationException("The log group has deletion protection enabled. Disable it, then delete the group.")
    forget_group(call, group)
    call.table(LogStream).delete_all(logGroupName)
    call.table(MetricFilter).delete_all(logGroupName)
    call.table(SubscriptionFilter).delete_all(logGroupName)
    call.table(GroupPolicy).delete_all(logGroupName)
    call.table(SyslogConfiguration).delete_all(logGroupName)
    call.table(Numbered).delete(group.number)
    call.cancel(expire, logGroupName)
    call.table(LogGroup).delete(logGroupName)


@operation
def put_log_group_deletion_protection(call: Call, logGroupIdentifier: str, deletionProtectionEnabled: bool) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html"""
    group = group_of(call, None, logGroupIdentifier)
    call.table(LogGroup).change(group.LogGroupName, DeletionProtectionEnabled=deletionProtectionEnabled)


@operation
def put_bearer_token_authentication(call: Call, logGroupIdentifier: str, bearerTokenAuthenticationEnabled: bool) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutBearerTokenAuthentication.html"""
    group = group_of(call, None, logGroupIdentifier)
    call.table(LogGroup).change(group.LogGroupName, BearerTokenAuthenticationEnabled=bearerTokenAuthenticationEnabled)


# --- told ---


def _told(call: Call, group: LogGroup) -> dict[str, Any]:
    size = call.table(Tally).sql(_STORED, group.number)[0][0]
    protected = call.table(GroupPolicy).get(group.LogGroupName, PROTECTION) is not None
    inherits = bool(account_policies(call, group.LogGroupName, PROTECTION))
    return {**description(group, call.arn(group), int(size)), "dataProtectionStatus": "ACTIVATED" if protected else None,
            "inheritedProperties": ["ACCOUNT_DATA_PROTECTION"] if inherits else None}


@operation
def describe_log_groups(call: Call, logGroupNamePrefix: str = "", logGroupNamePattern: str | None = None,
                        logGroupClass: str | None = None, logGroupIdentifiers: Sequence[str] | None = None,
                        page: Page[LogGroup] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html"""
    if logGroupNamePrefix and logGroupNamePattern is not None:
        raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    if logGroupIdentifiers is not None:
        if logGroupNamePrefix or logGroupNamePattern is not None or logGroupClass is not None:
            raise invalid("LogGroup identifiers cannot be combined with other filters.")
        names = sorted({name_of(call, each) for each in logGroupIdentifiers})
        found = [group for name in names if (group := call.table(LogGroup).get(name)) is not None]
        return {"logGroups": [_told(call, group) for group in found]}
    rows = _matching(call, logGroupNamePrefix, logGroupNamePattern or "", logGroupClass, page)
    return {"logGroups": [_told(call, group) for group in page.cut(rows, lambda group: group.LogGroupName)]}


def _matching(call: Call, prefix: str, pattern: str, kind: str | None, page: Page[LogGroup]) -> list[LogGroup]:
    """One more than a page of the groups asked for."""
    found: list[LogGroup] = []
    after = page.after
    while True:
        rows = starting_with(call, LogGroup, (), prefix, after, 500)
        found += [row for row in rows if pattern in row.LogGroupName and kind in (None, row.LogGroupClass)]
        if len(rows) < 500 or len(found) > page.limit:
            return found[:page.limit + 1]
        after = rows[-1].LogGroupName


@operation
def list_log_groups(call: Call, logGroupNamePattern: str = "", logGroupClass: str | None = None,
                    logGroupTags: Sequence[Mapping[str, Any]] = (), dataSources: Sequence[Mapping[str, str]] = (),
                    fieldIndexNames: Sequence[str] = (), nextToken: str | None = None, limit: int = 50) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListLogGroups.html"""
    found = [group for group in call.table(LogGroup).scan(after=nextToken)
             if logGroupClass in (None, group.LogGroupClass) and named(group, logGroupNamePattern)
             and all(_tagged(group, wanted) for wanted in logGroupTags) and among(group, dataSources)
             and (not fieldIndexNames or _indexed(call, group, fieldIndexNames))]
    return {"logGroups": [{"logGroupName": group.LogGroupName, "logGroupArn": call.arn(group),
                           "logGroupClass": group.LogGroupClass} for group in found[:limit]],
            "nextToken": found[limit - 1].LogGroupName if len(found) > limit else None}


def named(group: LogGroup, pattern: str) -> bool:
    """A part of the name, or with ^ its beginning; several are parted by `|`."""
    name = group.LogGroupName
    return any(name.startswith(part[1:]) if part.startswith("^") else part in name for part in pattern.split("|"))


def _indexed(call: Call, group: LogGroup, names: Sequence[str]) -> bool:
    """Has a group an index on one of the fields?"""
    row = policy(call, group.LogGroupName, INDEX)
    return row is not None and not set(names).isdisjoint(indexing.fields(row.document))


def _tagged(group: LogGroup, wanted: Mapping[str, Any]) -> bool:
    """One of the values: `!` denies, `*` at an end stands for anything."""
    value = group.tags.get(wanted["key"])
    values = wanted.get("values") or []
    return value is not None and (not values or any(_fits(value, each) for each in values))


def _fits(value: str, pattern: str) -> bool:
    denied = pattern.startswith("!")
    text = pattern.removeprefix("!")
    inner = text.strip("*")
    begins, ends = not text.startswith("*"), not text.endswith("*")
    if begins and ends:
        fits = value == inner
    else:
        fits = (value.startswith(inner) if begins else value.endswith(inner) if ends else inner in value)
    return fits != denied


# --- retention and keys ---


@operation
def put_retention_policy(call: Call, logGroupName: str, retentionInDays: int) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
    if retentionInDays not in _RETENTIONS:
        raise invalid(f"1 validation error detected: Value '{retentionInDays}' at 'retentionInDays' failed to satisfy "
                      f"constraint: Member must satisfy enum value set: [{', '.join(map(str, _RETENTIONS))}]")
    _keep(call, logGroupName, retentionInDays)


@operation
def delete_retention_policy(call: Call, logGroupName: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html"""
    _keep(call, logGroupName, None)


def _keep(call: Call, name: str, days: int | None) -> None:
    group = call.get(LogGroup, name)
    group.RetentionInDays = days
    call.put(group)
    call.cancel(expire, name)
    watch(call, group)


@operation
def associate_kms_key(call: Call, kmsKeyId: str, logGroupName: str | None = None,
                      resourceIdentifier: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html"""
    group = group_of(call, logGroupName, resourceIdentifier)
    group.KmsKeyId = kmsKeyId
    sealing.renew(call, group)
    call.put(group)


@operation
def disassociate_kms_key(call: Call, logGroupName: str | None = None, resourceIdentifier: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DisassociateKmsKey.html"""
    group = group_of(call, logGroupName, resourceIdentifier)
    group.KmsKeyId, group.data_key = None, 0
    call.put(group)

"""Metric filters and subscription filters of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, not_implemented, operation, parse_arn

from .. import criteria, patterns, streaming
from ..comparisons import number
from ..names import invalid, starting_with
from ..resources import LogGroup, MetricFilter, SubscriptionFilter

_MOST_METRIC_FILTERS, _MOST_SUBSCRIPTIONS, _MOST_REGEXES, _MOST_DIMENSIONS = 100, 2, 5, 3


def _refuse_other_classes(group: LogGroup) -> None:
    if group.LogGroupClass != "STANDARD":
        raise error.InvalidOperationException(f"Log groups of the class {group.LogGroupClass} have no filters.")


def _check_regexes(call: Call, group: str, name: str, pattern: str) -> None:
    """Five patterns of a group may hold regular expressions."""
    rows: list[MetricFilter | SubscriptionFilter] = [*call.table(MetricFilter).scan(group),
                                                     *call.table(SubscriptionFilter).scan(group)]
    others = [row.pattern for row in rows if row.name != name]
    if patterns.compiled(pattern).regexes and sum(bool(patterns.compiled(p).regexes) for p in others) >= _MOST_REGEXES:
        raise error.LimitExceededException(f"A log group has {_MOST_REGEXES} filter patterns with regular expressions at most.")


# --- metric filters ---


@operation
def put_metric_filter(call: Call, logGroupName: str, filterName: str, filterPattern: str,
                      metricTransformations: Sequence[dict[str, Any]], applyOnTransformedLogs: bool = False,
                      fieldSelectionCriteria: str | None = None,
                      emitSystemFieldDimensions: Sequence[str] | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html"""
    group = call.get(LogGroup, logGroupName)
    _refuse_other_classes(group)
    said = metricTransformations[0]
    system = list(emitSystemFieldDimensions or ())
    _check_transformation(patterns.compiled(filterPattern).kind, said, system)
    criteria.holds(fieldSelectionCriteria or "", call.account, call.region)
    _check_regexes(call, logGroupName, filterName, filterPattern)
    table = call.table(MetricFilter)
    before = table.get(logGroupName, filterName)
    if before is None:
        if group.metric_filters >= _MOST_METRIC_FILTERS:
            raise error.LimitExceededException("Resource limit exceeded.")
        call.table(LogGroup).change(logGroupName, metric_filters=group.metric_filters + 1)
    table.put(MetricFilter(group=logGroupName, name=filterName, pattern=filterPattern, transformation=said,
                           created=before.created if before else call.now, transformed=applyOnTransformedLogs,
                           criteria=fieldSelectionCriteria, system=system or None))


def _check_transformation(kind: str, said: Mapping[str, Any], system: Sequence[str]) -> None:
    value, dimensions = said["metricValue"], said.get("dimensions") or {}
    if not set(system) <= {criteria.ACCOUNT, criteria.REGION} or len(set(system)) < len(system):
        raise invalid(f"Invalid metric transformation: system fields are {criteria.ACCOUNT} and {criteria.REGION}")
    if value.startswith("$"):
        if kind == "terms":
            raise invalid("Invalid metric transformation: a pattern of terms has no fields to take a value from")
    elif number(value) is None:
        raise invalid(f"Invalid metric transformation: '{value}' is neither a number nor a field")
    if len(dimensions) + len(system) > _MOST_DIMENSIONS:
        raise invalid(f"Invalid metric transformation: a metric filter has {_MOST_DIMENSIONS} dimensions at most")
    if dimensions and "defaultValue" in said:
        raise invalid("Invalid metric transformation: dimensions and default value are mutually exclusive properties.")
    if dimensions and (kind == "terms" or not all(v.startswith("$") for v in dimensions.values())):
        raise invalid("Invalid metric transformation: dimensions are fields of JSON or space-delimited patterns")


@operation
def delete_metric_filter(call: Call, logGroupName: str, filterName: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteMetricFilter.html"""
    group = call.get(LogGroup, logGroupName)
    if not call.table(MetricFilter).delete(logGroupName, filterName):
        raise error.ResourceNotFoundException("The specified metric filter does not exist.")
    call.table(LogGroup).change(logGroupName, metric_filters=group.metric_filters - 1)


@operation
def describe_metric_filters(call: Call, logGroupName: str | None = None, filterNamePrefix: str = "",
                            metricName: str | None = None, metricNamespace: str | None = None,
                            page: Page[MetricFilter] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeMetricFilters.html"""
    if (metricName is None) != (metricNamespace is None):
        raise invalid("Both metricName and metricNamespace must be specified.")
    if logGroupName is not None:
        call.get(LogGroup, logGroupName)
        rows = starting_with(call, MetricFilter, (logGroupName,), filterNamePrefix, None, None)
    else:
        rows = call.table(MetricFilter).scan()
    found = sorted((row for row in rows if metricName is None or (row.transformation["metricName"], row.transformation[
        "metricNamespace"]) == (metricName, metricNamespace)), key=lambda row: (row.name, row.group))
    after = tuple(page.after or ("", ""))
    rows = [row for row in found if (row.name, row.group) > after][:page.limit + 1]
    return {"metricFilters": [
        {"filterName": row.name, "filterPattern": row.pattern, "metricTransformations": [row.transformation],
         "creationTime": int(row.created * 1000), "logGroupName": row.group, "applyOnTransformedLogs": row.transformed,
         "fieldSelectionCriteria": row.criteria, "emitSystemFieldDimensions": row.system}
        for row in page.cut(rows, lambda row: [row.name, row.group])]}


@operation
def test_metric_filter(call: Call, filterPattern: str, logEventMessages: Sequence[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html"""
    pattern = patterns.compiled(filterPattern)
    return {"matches": [{"eventNumber": i, "eventMessage": message, "extractedValues": pattern.values(message)}
                        for i, message in enumerate(logEventMessages, 1)
                        if pattern.matches is None or pattern.matches(message)]}


# --- subscription filters ---


@operation
def put_subscription_filter(call: Call, logGroupName: str, filterName: str, filterPattern: str, destinationArn: str,
                            roleArn: str | None = None, distribution: str = "ByLogStream",
                            applyOnTransformedLogs: bool = False, fieldSelectionCriteria: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html"""
    group = call.get(LogGroup, logGroupName)
    _refuse_other_classes(group)
    patterns.compiled(filterPattern)
    criteria.holds(fieldSelectionCriteria or "", call.account, call.region)
    _check_regexes(call, logGroupName, filterName, filterPattern)
    check_destination(call, logGroupName, destinationArn, roleArn)
    table = call.table(SubscriptionFilter)
    before = table.get(logGroupName, filterName)
    if before is None:
        if group.subscription_filters >= _MOST_SUBSCRIPTIONS:
            raise error.LimitExceededException("Resource limit exceeded.")
        call.table(LogGroup).change(logGroupName, subscription_filters=group.subscription_filters + 1)
    table.put(SubscriptionFilter(group=logGroupName, name=filterName, pattern=filterPattern, destination=destinationArn,
                                 role=roleArn, distribution=distribution, created=before.created if before else call.now,
                                 transformed=applyOnTransformedLogs, criteria=fieldSelectionCriteria))


def check_destination(call: Call, group: str | None, arn: str, role: str | None) -> None:
    """A function that lets CloudWatch Logs call it for a group (None: for all), or a stream that it may write to."""
    parts = parse_arn(arn)
    if parts is None:
        raise invalid("The ARN of the destination is not valid.")
    if parts.service in streaming.VENDORS:
        streaming.check(call, arn, role)
        return
    if parts.service != "lambda":
        raise not_implemented(f"logs: subscription filters to {parts.service}")
    if (parts.account, parts.region) != (call.account, call.region):
        raise invalid("destinationArn for vendor lambda cannot be in another account or region")
    try:
        service = call.as_service(call.arn(LogGroup(LogGroupName=group or "*")) + ":*")
        getattr(service, "lambda").invoke(FunctionName=arn, InvocationType="DryRun")
    except AwsError as problem:
        if problem.status == 501:
            raise
        raise invalid("Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute "
                      "your function.") from problem


@operation
def delete_subscription_filter(call: Call, logGroupName: str, filterName: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteSubscriptionFilter.html"""
    group = call.get(LogGroup, logGroupName)
    if not call.table(SubscriptionFilter).delete(logGroupName, filterName):
        raise error.ResourceNotFoundException("The specified subscription filter does not exist.")
    call.table(LogGroup).change(logGroupName, subscription_filters=group.subscription_filters - 1)


@operation
def describe_subscription_filters(call: Call, logGroupName: str, filterNamePrefix: str = "",
                                  page: Page[SubscriptionFilter] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeSubscriptionFilters.html"""
    call.get(LogGroup, logGroupName)
    rows = starting_with(call, SubscriptionFilter, (logGroupName,), filterNamePrefix, page.after, page.limit + 1)
    return {"subscriptionFilters": [
        {"filterName": row.name, "logGroupName": row.group, "filterPattern": row.pattern, "destinationArn": row.destination,
         "roleArn": row.role, "distribution": row.distribution, "creationTime": int(row.created * 1000),
         "applyOnTransformedLogs": row.transformed, "fieldSelectionCriteria": row.criteria}
        for row in page.cut(rows, lambda row: row.name)]}

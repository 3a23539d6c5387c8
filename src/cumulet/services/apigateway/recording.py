"""What is told of requests: access logs, execution logs, metrics. Written a moment after the answer, many at once.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any

from cumulet.kernel import AwsError, Call

from . import items, templates
from .answers import Answer
from .exchange import Exchange, last
from .resources import Item

Said = dict[str, Any]
_NAMESPACE = "AWS/ApiGateway"
_MOST = 1000                           # log events of one call


def noted(exchange: Exchange, answer: Answer, took: int) -> Said:
    """What is to be told of one request."""
    found = exchange.found
    log = found.stage.get("accessLogSettings") or {}
    line = ""
    if log.get("destinationArn") and log.get("format"):
        line = access_line(log["format"], exchange, answer, took)
    level = found.settings.get("loggingLevel", "OFF")
    traced = level == "INFO" or (level == "ERROR" and answer.status >= 400)
    return {
        "account": found.account, "region": found.region, "api": found.api, "name": found.definition.settings["name"],
        "stage": found.stage["stageName"], "path": found.resource["path"], "method": exchange.asked.method,
        "detailed": bool(found.settings.get("metricsEnabled")), "status": answer.status, "took": took,
        "integration": exchange.integration_ms if exchange.integration_status else None, "at": exchange.asked.at,
        "log": log.get("destinationArn", ""), "line": line,
        "lines": execution_log(exchange, answer, took) if traced else []}


def access_line(form: str, exchange: Exchange, answer: Answer, took: int) -> str:
    """A line in the format that the stage says; what is not known is a dash."""
    known = {"status": answer.status, "responseLength": len(answer.body), "responseLatency": took,
             "integrationLatency": exchange.integration_ms or "-", "integration.latency": exchange.integration_ms or "-",
             "integrationStatus": exchange.integration_status or "-", "integration.status": exchange.integration_status or "-",
             "integration.integrationStatus": exchange.integration_status or "-", "error.responseType": answer.problem or "-"}
    for name in sorted(known, key=len, reverse=True):
        form = form.replace(f"${{context.{name}}}", str(known[name])).replace(f"$context.{name}", str(known[name]))
    return templates.filled(form, exchange, "-")


def execution_log(exchange: Exchange, answer: Answer, took: int) -> list[str]:
    """The way of one request, as TestInvokeMethod and a stage's logs tell it."""
    asked, found = exchange.asked, exchange.found
    begins = [f"Starting execution for request: {asked.id}",
              f"HTTP Method: {asked.method}, Resource Path: {asked.shown if asked.test else found.resource['path']}",
              f"Method request path: {_map(found.params)}", f"Method request query string: {_map(last(asked.query))}",
              f"Method request headers: {_map(last(asked.headers))}",
              f"Method request body before transformations: {asked.body[:1024].decode('utf-8', 'replace')}"]
    ends = [f"Method response body after transformations: {answer.body[:1024].decode('utf-8', 'replace')}",
            f"Method response headers: {_map(last(answer.headers))}", "Successfully completed execution",
            f"Method completed with status: {answer.status}"]
    if exchange.problem is not None:
        ends = [f"{exchange.problem.message}", f"Method completed with status: {answer.status}"]
    return [*begins, *exchange.trace, *ends]


def _map(found: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}={value}" for name, value in found.items()) + "}"


def stamped(lines: Iterable[str], at: float) -> str:
    """An execution log as one text, each line with its time."""
    when = datetime.fromtimestamp(at, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    return "".join(f"{when} : {line}\n" for line in lines)


def write(call: Call, notes: Sequence[Said]) -> None:
    """Tell CloudWatch and Logs of requests."""
    for account, region in {(note["account"], note["region"]) for note in notes}:
        there = call.elsewhere(account, region)
        own = [note for note in notes if (note["account"], note["region"]) == (account, region)]
        arn = f"arn:aws:apigateway:{region}::/restapis/{own[0]['api']}"
        _tell(there, arn, own)
        peers = there.as_service(arn)
        _logs(peers, [note for note in own if note["line"]], "access")
        settings = there.table(Item).get(items.ACCOUNT, "")
        if settings is not None and settings.said.get("cloudwatchRoleArn"):
            _logs(peers, [note for note in own if note["lines"]], "execution")


def _tell(call: Call, arn: str, notes: Sequence[Said]) -> None:
    """Tell CloudWatch of requests."""
    metrics = call.metrics(_NAMESPACE)
    for note in notes:
        values = [("Count", 1, "Count"), ("4XXError", int(400 <= note["status"] < 500), "Count"),
                  ("5XXError", int(note["status"] >= 500), "Count"), ("Latency", note["took"], "Milliseconds")]
        if note["integration"] is not None:
            values.append(("IntegrationLatency", note["integration"], "Milliseconds"))
        whole = (("ApiName", note["name"]),)
        kinds = [whole, (*whole, ("Stage", note["stage"]))]
        if note["detailed"]:
            kinds.append((*kinds[1], ("Resource", note["path"]), ("Method", note["method"])))
        for dimensions, (name, value, unit) in product(kinds, values):
            metrics.add(name, dimensions, note["at"], float(value), unit=unit)
    metrics.tell(arn)


def _logs(peers: Any, notes: Sequence[Said], kind: str) -> None:
    by_group: dict[str, list[Said]] = {}
    for note in notes:
        group = note["log"].partition(":log-group:")[2].removesuffix(":*") if kind == "access" \
            else f"API-Gateway-Execution-Logs_{note['api']}/{note['stage']}"
        texts = [note["line"]] if kind == "access" else note["lines"]
        by_group.setdefault(group, []).extend({"timestamp": int(note["at"] * 1000), "message": text} for text in texts)
    for group, events in by_group.items():
        for begin in range(0, len(events), _MOST):
            _put(peers.logs, group, events[begin:begin + _MOST], make=kind == "execution")


def _put(logs: Any, group: str, events: list[Said], make: bool) -> None:
    """Into the group's one stream; a group of access logs must be there, that of execution logs is made."""
    where = {"logGroupName": group, "logStreamName": "0" * 32}
    for _ in range(2):
        try:
            logs.put_log_events(**where, logEvents=events)
            return
        except AwsError as problem:
            if problem.code != "ResourceNotFoundException":
                return                   # the group lets nobody write: what is told of requests is best effort
        try:
            if make:
                logs.create_log_group(logGroupName=group)
        except AwsError as problem:
            if problem.code != "ResourceAlreadyExistsException":
                return
        try:
            logs.create_log_stream(**where)
        except AwsError:
            return

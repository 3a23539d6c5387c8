"""What is told of requests to HTTP APIs: access logs and metrics. Written a moment after the answers, many at once.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from cumulet.kernel import Answer, AwsError, Call

from .requests import Asked

_VARIABLE = re.compile(r"\$\{?context\.([\w.\-]+?)\}?(?![\w.\-])")
_NAMESPACE = "AWS/ApiGateway"
_MOST = 1000                           # log events of one call
_OF_ROUTE = ("Count", "4xx", "5xx", "Latency", "IntegrationLatency", "DataProcessed")


def noted(asked: Asked, status: int, length: int, took: float) -> dict[str, Any]:
    """What is to be told of one request, in the end."""
    key = asked.route.RouteKey if asked.route is not None else ""
    integration = asked.context.get("integrationLatency")
    asked.context |= {"status": status, "responseLength": length, "responseLatency": int(took * 1000)}
    log = asked.stage.AccessLogSettings or {}
    settings = {**asked.stage.DefaultRouteSettings, **(asked.stage.RouteSettings.get(key) or {})}
    method, _, resource = key.partition(" ")
    return {
        "account": asked.account, "region": asked.region, "api": asked.api.ApiId, "stage": asked.stage.StageName,
        "at": asked.now, "detailed": (method, resource or key) if key and settings.get("DetailedMetricsEnabled") else None,
        "values": {"Count": 1.0, "4xx": float(400 <= status < 500), "5xx": float(status >= 500), "Latency": took * 1000,
                   "IntegrationLatency": integration, "DataProcessed": float(length + len(asked.visit.body))},
        "log": log.get("DestinationArn", ""), "line": line(log.get("Format", ""), asked.context)}


def line(form: str, context: Mapping[str, Any]) -> str:
    """A line in the format that the stage says; what is not known is a dash."""
    return _VARIABLE.sub(lambda found: str(context.get(found[1], "-") or "-"), form)


def write(call: Call, answers: Sequence[Answer]) -> None:
    """Tell CloudWatch and Logs of requests; what they do not take is lost, as on AWS."""
    notes: list[dict[str, Any]] = [answer.members[0] for answer in answers if not answer.operation]
    for account, region in {(note["account"], note["region"]) for note in notes}:
        here = [note for note in notes if (note["account"], note["region"]) == (account, region)]
        arn = f"arn:aws:apigateway:{region}::/apis"
        _tell(call.elsewhere(account, region), arn, here)
        peers = call.as_service(arn, account, region)
        for group, stream in sorted({(note["log"], f"{note['api']}-{note['stage'].lstrip('$')}")
                                     for note in here if note["log"]}):
            events = [{"timestamp": int(note["at"] * 1000), "message": note["line"]} for note in here
                      if note["log"] == group and f"{note['api']}-{note['stage'].lstrip('$')}" == stream]
            where = {"logGroupName": group.split(":log-group:")[1].removesuffix(":*"), "logStreamName": stream}
            _lenient(call, peers.logs.create_log_stream, **where)
            for i in range(0, len(events), _MOST):
                _lenient(call, peers.logs.put_log_events, **where, logEvents=events[i:i + _MOST])


def _lenient(call: Call, send: Any, **members: Any) -> None:
    try:
        with call.tx.savepoint():
            send(**members)
    except AwsError:
        return


def _tell(call: Call, arn: str, notes: Sequence[Mapping[str, Any]]) -> None:
    """Tell CloudWatch of requests."""
    metrics = call.metrics(_NAMESPACE)
    for note in notes:
        api = (("ApiId", note["api"]),)
        several = [api, (*api, ("Stage", note["stage"]))]
        if note["detailed"]:
            several.append((*several[1], ("Method", note["detailed"][0]), ("Resource", note["detailed"][1])))
        for dimensions, name in product(several, _OF_ROUTE):
            if note["values"][name] is not None:
                unit = "Milliseconds" if "Latency" in name else "Bytes" if name == "DataProcessed" else "Count"
                metrics.add(name, dimensions, note["at"], note["values"][name], unit=unit)
    metrics.tell(arn)

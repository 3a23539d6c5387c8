"""What is told of requests to HTTP APIs: access logs and metrics. Written a moment after the answers, many at once.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cumulet.kernel import Answer, AwsError, Call

from .requests import Asked

_VARIABLE = re.compile(r"\$\{?context\.([\w.\-]+?)\}?(?![\w.\-])")
_NAMESPACE = "AWS/ApiGateway"
_MOST = 1000                           # metrics, or log events, of one call
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
        peers = call.as_service(f"arn:aws:apigateway:{region}::/apis", account, region)
        data = list(_data(here))
        for i in range(0, len(data), _MOST):
            _lenient(call, peers.cloudwatch.put_metric_data, Namespace=_NAMESPACE, MetricData=data[i:i + _MOST])
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


def _data(notes: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """A datum a metric, its dimensions and minute: the values of all requests together."""
    found: dict[tuple[Any, ...], list[float]] = {}
    for note in notes:
        own = [("ApiId", note["api"]), ("Stage", note["stage"])]
        several = [own[:1], own]
        if note["detailed"]:
            several.append([*own, ("Method", note["detailed"][0]), ("Resource", note["detailed"][1])])
        for dimensions in several:
            for name in _OF_ROUTE:
                if note["values"][name] is not None:
                    key = (name, tuple(dimensions), int(note["at"] // 60))
                    found.setdefault(key, []).append(note["values"][name])
    for (name, dimensions, minute), values in found.items():
        unit = "Milliseconds" if "Latency" in name else "Bytes" if name == "DataProcessed" else "Count"
        yield {"MetricName": name, "Timestamp": minute * 60.0, "Unit": unit,
               "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
               "StatisticValues": {"SampleCount": float(len(values)), "Sum": sum(values), "Minimum": min(values),
                                   "Maximum": max(values)}}

"""What is told of requests: access logs, metrics."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from conftest import Cloud


def settle(cloud: Cloud) -> None:
    cloud.thread.call(cloud.kernel.answers.settle())


def test_requests_are_logged_in_the_stages_format(api: Any, cloud: Cloud) -> None:
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="requests")
    form = json.dumps({"id": "$context.requestId", "key": "$context.routeKey", "status": "$context.status",
                       "why": "$context.authorizer.error", "path": "${context.path}/"})
    api.client.update_stage(ApiId=api.id, StageName="$default", AccessLogSettings={
        "Format": form, "DestinationArn": f"arn:aws:logs:us-east-1:{cloud.account}:log-group:requests"})
    api.route("GET /a", api.integration(cloud.endpoint + "/_cumulet/health"))
    ids = [api.ask(path).headers["apigw-requestid"] for path in ("/a", "/none")]
    settle(cloud)
    told = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName="requests")["events"]]
    assert sorted(told, key=lambda line: line["key"]) == sorted([
        {"id": ids[0], "key": "GET /a", "status": "200", "why": "-", "path": "/a/"},
        {"id": ids[1], "key": "-", "status": "404", "why": "-", "path": "/none/"}], key=lambda line: line["key"])


def test_requests_are_counted(api: Any, cloud: Cloud) -> None:
    api.route("GET /a", api.integration(cloud.endpoint + "/_cumulet/health"))
    api.client.update_stage(ApiId=api.id, StageName="$default", DefaultRouteSettings={"DetailedMetricsEnabled": True})
    for path in ("/a", "/a", "/none"):
        api.ask(path)
    settle(cloud)
    metrics, now = cloud.client("cloudwatch"), datetime.now(UTC)

    def summed(name: str, **dimensions: str) -> float:
        points = metrics.get_metric_statistics(
            Namespace="AWS/ApiGateway", MetricName=name, Period=60, Statistics=["Sum"], StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5), Dimensions=[{"Name": key, "Value": text} for key, text in dimensions.items()])
        return float(sum(point["Sum"] for point in points["Datapoints"]))

    assert (summed("Count", ApiId=api.id), summed("4xx", ApiId=api.id, Stage="$default")) == (3, 1)
    assert summed("Count", ApiId=api.id, Stage="$default", Method="GET", Resource="/a") == 2
    assert summed("Latency", ApiId=api.id) >= 0

"""APIs for tests: functions deployed from text, routes to them, requests over HTTP at the API's own host."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from conftest import Cloud

ROLE = "arn:aws:iam::000000000000:role/runner"
ECHO = "def handler(event, context): return event"


class HttpApi:
    """An HTTP API with the stage `$default`, which deploys by itself."""

    def __init__(self, cloud: Cloud, **more: Any) -> None:
        self.cloud = cloud
        self.client = cloud.client("apigatewayv2")
        self.id = self.client.create_api(**{"Name": "api", "ProtocolType": "HTTP", **more})["ApiId"]
        self.host = f"{self.id}.execute-api.localhost"
        if "Target" not in more:
            self.client.create_stage(ApiId=self.id, StageName="$default", AutoDeploy=True)

    def integration(self, uri: str, **more: Any) -> str:
        kind = {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"} if uri.startswith("arn:") else {
            "IntegrationType": "HTTP_PROXY", "PayloadFormatVersion": "1.0", "IntegrationMethod": "ANY"}
        return str(self.client.create_integration(ApiId=self.id, IntegrationUri=uri, **{**kind, **more})["IntegrationId"])

    def route(self, key: str, integration: str, **more: Any) -> str:
        return str(self.client.create_route(ApiId=self.id, RouteKey=key, Target=f"integrations/{integration}",
                                            **more)["RouteId"])

    def ask(self, path: str = "/", method: str = "GET", **more: Any) -> httpx.Response:
        headers = {"Host": self.host, **more.pop("headers", {})}
        return httpx.request(method, f"{self.cloud.endpoint}{path}", headers=headers, **more)


@pytest.fixture
def api(cloud: Cloud) -> HttpApi:
    return HttpApi(cloud)


@pytest.fixture
def new_api(cloud: Cloud) -> Callable[..., HttpApi]:
    """Makes an API with more said of it."""
    return lambda **more: HttpApi(cloud, **more)


Make = Callable[..., str]


@pytest.fixture
def function(cloud: Cloud) -> Make:
    """Makes a function of Python's text; its ARN."""
    client = cloud.client("lambda")

    def make(text: str = ECHO, name: str = "function", **more: Any) -> str:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as z:
            z.writestr("app.py", text)
        return str(client.create_function(**{
            "FunctionName": name, "Role": ROLE, "Runtime": "python3.11", "Handler": "app.handler", "Timeout": 10,
            "Code": {"ZipFile": out.getvalue()}, **more})["FunctionArn"])

    return make

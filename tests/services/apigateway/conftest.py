"""APIs for tests: made in a few words, deployed, and called over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from conftest import Cloud

HTTP = httpx.Client(timeout=30)


class Api:
    """A REST API of the test's account."""

    def __init__(self, cloud: Cloud, **more: Any) -> None:
        self.cloud, self.client = cloud, cloud.client("apigateway")
        made = self.client.create_rest_api(**{"name": "api", **more})
        self.id, self.root = made["id"], made["rootResourceId"]

    def path(self, path: str) -> str:
        """The id of the resource of a path; what is missing on the way is made."""
        found = {each["path"]: each["id"] for each in self.client.get_resources(restApiId=self.id, limit=500)["items"]}
        at, here = self.root, ""
        for name in path.strip("/").split("/") if path.strip("/") else ():
            here += f"/{name}"
            if here not in found:
                found[here] = self.client.create_resource(restApiId=self.id, parentId=at, pathPart=name)["id"]
            at = found[here]
        return str(at)

    def method(self, path: str = "/", verb: str = "GET", **more: Any) -> dict[str, str]:
        """A method; what names it."""
        named = {"restApiId": self.id, "resourceId": self.path(path), "httpMethod": verb}
        self.client.put_method(**named, **{"authorizationType": "NONE", **more})
        return named

    def mock(self, path: str = "/", verb: str = "GET", body: str = "{}", method: Any = None, **more: Any) -> dict[str, str]:
        """A method that answers 200 with a template."""
        named = self.method(path, verb, **(method or {}))
        self.client.put_method_response(**named, statusCode="200")
        self.client.put_integration(**named, **{
            "type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}, **more})
        self.client.put_integration_response(**named, statusCode="200", responseTemplates={"application/json": body})
        return named

    def deploy(self, stage: str = "test", **more: Any) -> str:
        return str(self.client.create_deployment(restApiId=self.id, stageName=stage, **more)["id"])

    def patch_stage(self, stage: str = "test", **paths: str) -> Any:
        """Replace paths of a stage; `__` stands for a slash of the path."""
        return self.client.update_stage(restApiId=self.id, stageName=stage, patchOperations=[
            {"op": "replace", "path": path, "value": value} for path, value in paths.items()])

    def ask(self, path: str = "/", verb: str = "GET", stage: str = "test", headers: Any = None, **more: Any) -> httpx.Response:
        """A request by its host."""
        port = self.cloud.endpoint.rpartition(":")[2]
        return HTTP.request(verb, f"{self.cloud.endpoint}/{stage}{path}",
                            headers={"Host": f"{self.id}.execute-api.localhost:{port}", **(headers or {})}, **more)


@pytest.fixture
def api(cloud: Cloud) -> Api:
    return Api(cloud)

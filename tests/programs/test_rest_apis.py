"""Programs behind REST APIs: Chalice as it deploys itself, Express as npm has it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import Cloud
from programs.installing import installed
from programs.test_functions import HERE, deploy, package
from programs.test_programs import run


@pytest.fixture(scope="module")
def chalice() -> Path:
    """Chalice's command, in a virtual environment of its own."""
    wanted = HERE / "chalice" / "requirements-tools.txt"

    def install(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
        subprocess.run([folder / "bin/pip", "install", "-q", "-r", wanted], check=True, timeout=600)

    return installed("chalice", wanted, install) / "bin"


@pytest.fixture(scope="module")
def express() -> bytes:
    """Express under node_modules, beside the handler."""

    def install(folder: Path) -> None:
        folder.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "express" / name, folder)
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300)

    return package(installed("express", HERE / "express" / "package-lock.json", install), HERE / "express")


def ask(cloud: Cloud, api: str, stage: str, path: str, verb: str = "GET", headers: Any = None, **more: Any) -> httpx.Response:
    """A request by the API's host."""
    host = f"{api}.execute-api.localhost:{cloud.endpoint.rpartition(':')[2]}"
    return httpx.request(verb, f"{cloud.endpoint}/{stage}{path}", headers={"Host": host, **(headers or {})}, timeout=30, **more)


def test_chalice_deploys_itself(cloud: Cloud, chalice: Path, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    shutil.copytree(HERE / "chalice", folder)
    run(cloud, chalice / "python", chalice / "chalice", "deploy", folder=folder)
    client = cloud.client("apigateway")
    api = client.get_rest_apis()["items"][0]
    assert api["name"] == "notes"

    def visit(path: str, verb: str = "GET", **more: Any) -> httpx.Response:
        return ask(cloud, api["id"], "api", path, verb, **more)

    assert visit("/").json() == {"notes": ["first"], "stage": "api"}
    made = visit("/notes/two", "PUT", json={"text": "ü"})
    assert (made.status_code, made.json(), made.headers["x-kept"]) == (201, {"kept": "two"}, "1")
    assert visit("/notes/two").json() == {"text": "ü"}
    assert (visit("/notes/none").status_code, visit("/notes/none").json()["Code"]) == (404, "NotFoundError")
    assert visit("/notes/x", "PUT", json={}).json()["Message"] == "a note has a text"
    preflight = visit("/notes/x", "OPTIONS", headers={"Origin": "http://a.example", "Access-Control-Request-Method": "PUT"})
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    assert visit("/image", headers={"Accept": "image/x-own"}).content == b"\x89PNG\xff"
    assert visit("/private").status_code == 401
    assert visit("/private", headers={"Authorization": "no"}).status_code == 403
    assert visit("/private", headers={"Authorization": "open"}).json() == {"who": "guest"}

    text = (folder / "app.py").read_text().replace('"stage": app', '"new": True, "stage": app')
    (folder / "app.py").write_text(text)
    run(cloud, chalice / "python", chalice / "chalice", "deploy", folder=folder)
    assert visit("/").json()["new"]
    run(cloud, chalice / "python", chalice / "chalice", "delete", folder=folder)
    assert client.get_rest_apis()["items"] == []


def test_express_behind_a_rest_api(cloud: Cloud, express: bytes) -> None:
    deploy(cloud, express, "nodejs20.x", "index.handler")
    function = f"arn:aws:lambda:us-east-1:{cloud.account}:function:program"
    client = cloud.client("apigateway")
    made = client.create_rest_api(name="express")
    api = made["id"]
    rest = client.create_resource(restApiId=api, parentId=made["rootResourceId"], pathPart="{proxy+}")["id"]
    for resource in (made["rootResourceId"], rest):
        named = {"restApiId": api, "resourceId": resource, "httpMethod": "ANY"}
        client.put_method(**named, authorizationType="NONE")
        client.put_integration(**named, type="AWS_PROXY", integrationHttpMethod="POST",
                               uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations")
    client.create_deployment(restApiId=api, stageName="prod")

    def visit(path: str, verb: str = "GET", **more: Any) -> httpx.Response:
        return ask(cloud, api, "prod", path, verb, **more)

    assert visit("/").text == "<h1>0 notes</h1>"
    kept = visit("/notes/gr%C3%BCn", "PUT", json={"text": "ü"})
    assert (kept.status_code, kept.json(), kept.headers["x-kept"]) == (201, {"kept": "grün"}, "1")
    assert kept.headers["set-cookie"].startswith("last=gr%C3%BCn")
    assert visit("/notes/gr%C3%BCn").json() == {"text": "ü"}
    assert visit("/notes/none").json() == {"missing": "none"}
    assert visit("/search?q=a%20b&q=c").json()["words"] == ["a b", "c"]
    assert (visit("/old").status_code, visit("/old").headers["location"]) == (302, "/")

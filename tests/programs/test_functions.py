"""Functions as people deploy them, with packages from PyPI and npm inside."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import Cloud
from programs.installing import installed

HERE = Path(__file__).parent / "functions"


def package(*folders: Path) -> bytes:
    """A function's package: what lies in these folders."""
    files = {file.relative_to(folder): file for folder in folders for file in sorted(folder.rglob("*"))
             if file.is_file() and "__pycache__" not in file.parts}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, file in files.items():
            made.write(file, name)
    return out.getvalue()


@pytest.fixture(scope="module")
def powertools() -> bytes:
    """Powertools and what it needs, beside the handler."""
    wanted = HERE / "powertools" / "requirements.txt"

    def install(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", folder / "code", "-r", wanted], check=True,
                       timeout=300)

    return package(installed("powertools", wanted, install) / "code", HERE / "powertools")


@pytest.fixture(scope="module")
def hono() -> bytes:
    """Hono under node_modules, beside the handler."""

    def install(folder: Path) -> None:
        folder.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "hono" / name, folder)
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300)

    return package(installed("hono", HERE / "hono" / "package-lock.json", install), HERE / "hono")


def deploy(cloud: Cloud, code: bytes, runtime: str, handler: str) -> Any:
    """Makes the function `program`."""
    client = cloud.client("lambda")
    client.create_function(FunctionName="program", Role=f"arn:aws:iam::{cloud.account}:role/runner", Runtime=runtime,
                           Handler=handler, Code={"ZipFile": code}, Timeout=30, MemorySize=512)
    return client


def until(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first answer that is one."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def table(cloud: Cloud, name: str) -> None:
    cloud.client("dynamodb").create_table(
        TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])


def test_powertools_take_a_payment_once(cloud: Cloud, powertools: bytes) -> None:
    for name in ("till", "idempotency"):
        table(cloud, name)
    cloud.client("ssm").put_parameter(Name="/till/currency", Value="EUR", Type="String")
    client = deploy(cloud, powertools, "python3.11", "app.handler")

    def pay(**event: Any) -> Any:
        answer = client.invoke(FunctionName="program", Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    first = pay(order="o-1", amount=5)
    assert first == {"payment": 1, "currency": "EUR"}
    assert pay(order="o-1", amount=5) == first                      # answered from the table
    assert pay(order="o-2", amount=7)["payment"] == 2
    assert pay(order="o-1", amount=6)["errorType"] == "IdempotencyValidationError"
    assert pay(amount=6)["errorType"] == "IdempotencyKeyError"
    for _ in range(2):                                              # an error is not kept
        assert pay(order="o-3", amount=1, broken=True)["errorMessage"] == "the till is jammed"
    assert pay(order="o-3", amount=1)["payment"] == 3

    dynamodb = cloud.client("dynamodb")
    assert dynamodb.get_item(TableName="till", Key={"id": {"S": "taken"}})["Item"]["amount"] == {"N": "13"}
    kept = dynamodb.scan(TableName="idempotency")["Items"]
    assert [item["status"]["S"] for item in kept] == ["COMPLETED"] * 3
    told = until(lambda: cloud.client("logs").filter_log_events(
        logGroupName="/aws/lambda/program", filterPattern='{ $.message = "paid" && $.order = "o-3" }')["events"])
    assert json.loads(told[0]["message"])["function_name"] == "program"


def test_hono_answers_behind_a_function_url(cloud: Cloud, hono: bytes) -> None:
    client = deploy(cloud, hono, "nodejs20.x", "index.handler")
    url = client.create_function_url_config(FunctionName="program", AuthType="NONE")["FunctionUrl"]
    client.add_permission(FunctionName="program", StatementId="all", Action="lambda:InvokeFunctionUrl", Principal="*",
                          FunctionUrlAuthType="NONE")
    cloud.thread.call(cloud.thread.cloud.jobs.idle())

    def ask(method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        return httpx.request(method, cloud.endpoint + path, headers={"Host": url.split("/")[2], **(headers or {})}, **more)

    made = ask("PUT", "/notes/gr%C3%BCn", json={"text": "ü"})
    assert (made.status_code, made.json()) == (201, {"kept": 1})
    note = ask("GET", "/notes/gr%C3%BCn")
    assert note.json() == {"text": "ü"}
    assert ask("GET", "/notes/gr%C3%BCn", {"If-None-Match": note.headers["etag"]}).status_code == 304
    assert ask("GET", "/notes/none").status_code == 404
    found = ask("GET", "/search?q=a%20b&q=c", {"User-Agent": "test"}).json()
    assert found == {"words": ["a b", "c"], "agent": "test"}
    assert ask("GET", "/private/page").headers["www-authenticate"].startswith("Basic")
    ada = base64.b64encode(b"ada:secret").decode()
    assert ask("GET", "/private/page", {"Authorization": f"Basic {ada}"}).text == "<h1>Hello, Ada</h1>"
    image = ask("GET", "/image")
    assert (image.content, image.headers["content-type"]) == (b"\x89PNG\xff", "image/png")

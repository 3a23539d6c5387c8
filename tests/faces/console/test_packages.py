"""A function's code, shown and changed."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest

from .conftest import Page

ROLE = "arn:aws:iam::000000000000:role/worker"
PICTURE = b"\x89PNG\r\n\0\xff"


def package() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return 1\n")
        archive.writestr("lib/name.txt", "grüezi")
        archive.writestr("logo.png", PICTURE)
        script = zipfile.ZipInfo("run")
        script.external_attr = 0o755 << 16
        archive.writestr(script, "echo")
    return packed.getvalue()


@pytest.fixture
def function(page: Page) -> Any:
    client = page.cloud.client("lambda")
    client.create_function(FunctionName="work", Role=ROLE, Runtime="python3.11", Handler="app.handler", Publish=True,
                           Code={"ZipFile": package()})
    return client


def ask(page: Page, path: str, **asked: Any) -> Any:
    answer = page.ask("POST", f"function/{path}", asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_texts_are_shown_and_the_rest_is_named(page: Page, function: Any) -> None:
    told = ask(page, "code", function="work")
    assert told["files"] == {"app.py": "def handler(event, context):\n    return 1\n", "lib/name.txt": "grüezi", "run": "echo"}
    assert told["others"] == [{"name": "logo.png", "size": len(PICTURE)}]


def test_a_changed_text_keeps_what_is_no_text_and_who_may_run_what(page: Page, function: Any) -> None:
    files = {"app.py": "def handler(event, context):\n    return 2\n", "run": "echo 2", "new.sh": "#!/bin/sh\n"}
    made = ask(page, "package", function="work", files=files)
    told = page.invoke("lambda", "UpdateFunctionCode", FunctionName="work", ZipFile=made)
    assert told["status"] == 200, told
    assert ask(page, "code", function="work")["files"] == files
    assert ask(page, "code", function="work", qualifier="1")["files"]["app.py"].endswith("return 1\n")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(made["base64"]))) as archive:
        assert archive.read("logo.png") == PICTURE
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
    assert (modes["run"], modes["new.sh"], modes["app.py"]) == (0o755, 0o755, modes["app.py"])
    assert json.loads(function.invoke(FunctionName="work")["Payload"].read()) == 2
    assert ask(page, "package", function="work", files=files) == ask(page, "package", function="work", files=files)


def test_a_package_of_nothing_but_texts(page: Page) -> None:
    made = ask(page, "package", files={"index.mjs": "export const handler = 1"})
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(made["base64"]))) as archive:
        assert archive.namelist() == ["index.mjs"]
    for name in ("../out", "/etc/passwd", ""):
        assert page.ask("POST", "function/package", {"files": {name: "x"}}).status_code == 400


def test_who_may_not_get_a_function_sees_no_code(page: Page, function: Any) -> None:
    iam = page.cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="First-pass-1")
    user = Page(page.cloud)
    assert user.sign_in(username="ann", password="First-pass-1").status_code == 200
    page.ask("POST", "control/iam", {"subject": page.cloud.account, "mode": "enforce"})
    refused = user.ask("POST", "function/code", {"function": "work"})
    assert refused.status_code == 403, refused.text
    assert "is not authorized to perform: lambda:GetFunction" in refused.json()["error"]


def test_the_code_of_no_function(page: Page) -> None:
    answer = page.ask("POST", "function/code", {"function": "nobody"})
    assert (answer.status_code, "Function not found" in answer.json()["error"]) == (400, True)

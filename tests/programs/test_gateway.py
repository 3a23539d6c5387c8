"""Web applications as people write them, in functions behind an HTTP API, by the adapters of PyPI."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from conftest import Cloud
from programs.installing import installed
from programs.test_functions import HERE, deploy, package


def program(name: str) -> bytes:
    """An application's package, with what it needs."""
    wanted = HERE / name / "requirements.txt"

    def install(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", folder / "code", "-r", wanted], check=True,
                       timeout=300)

    return package(installed(name, wanted, install) / "code", HERE / name)


class Web:
    """An application behind an API."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.endpoint = cloud.endpoint
        arn = deploy(cloud, program(name), "python3.11", "app.handler").get_function(FunctionName="program")
        made = cloud.client("apigatewayv2").create_api(Name=name, ProtocolType="HTTP",
                                                       Target=arn["Configuration"]["FunctionArn"])
        self.host = f"{made['ApiId']}.execute-api.localhost"

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        return httpx.request(method, self.endpoint + path, headers={"Host": self.host, **(headers or {})}, timeout=20, **more)


def test_flask_answers_behind_an_api(cloud: Cloud) -> None:
    web = Web(cloud, "flask")
    made = web.ask("PUT", "/notes/gr%C3%BCn", json={"text": "ü"})
    assert (made.status_code, made.json()) == (201, {"kept": 1})
    assert web.ask("GET", "/notes/gr%C3%BCn").json() == {"text": "ü"}
    assert web.ask("DELETE", "/notes/gr%C3%BCn").status_code == 204
    assert web.ask("GET", "/notes/gr%C3%BCn").status_code == 404
    assert web.ask("PATCH", "/notes/x").status_code == 405
    form = web.ask("POST", "/form?q=a%20b&q=c", data={"text": "hello"})
    assert (form.text, form.headers.get_list("set-cookie")) == ("hello a b,c", ["a=1; Path=/", "b=2; Path=/"])
    image = web.ask("GET", "/image")
    assert (image.content, image.headers["content-type"]) == (b"\x89PNG\xff", "image/png")


def test_fastapi_answers_behind_an_api(cloud: Cloud) -> None:
    web = Web(cloud, "fastapi")
    made = web.ask("PUT", "/items/7", {"X-User": "ann"}, json={"name": "tea", "price": 2.5})
    assert (made.status_code, made.json()) == (201, {"by": "ann"})
    assert web.ask("GET", "/items/7").json() == {"name": "tea", "price": 2.5}
    assert web.ask("GET", "/items/8").json() == {"detail": "no such item"}
    assert web.ask("PUT", "/items/7", {"X-User": "nobody"}, json={"name": "tea", "price": 1}).status_code == 403
    wrong = web.ask("PUT", "/items/7", {"X-User": "ann"}, json={"name": "tea"})
    assert (wrong.status_code, wrong.json()["detail"][0]["loc"]) == (422, ["body", "price"])
    assert web.ask("GET", "/search?q=gr%C3%BCn&most=3").json() == {"q": "grün", "most": 3}
    assert web.ask("GET", "/openapi.json").json()["info"]["title"] == "FastAPI"

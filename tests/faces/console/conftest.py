"""The console's API as its page uses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import browsers
from conftest import Cloud
from cumulet.faces.console import face

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from .browser import Person

collect_ignore_glob = [] if browsers.PROGRAM else ["test_browser*.py"]


class Page:
    """A page of the console that somebody opened."""

    def __init__(self, cloud: Cloud, token: str = "") -> None:
        self.cloud = cloud
        self.token = token
        self.http = httpx.Client(base_url=cloud.endpoint + "/_console/", timeout=30)

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
        told = {"x-cumulet-token": self.token} if self.token else {}
        return self.http.request(method, f"api/{path}", json=body, headers={**told, **(headers or {})})

    def sign_in(self, **asked: str) -> httpx.Response:
        answer = self.ask("POST", "sign-in", {"account": self.cloud.account, **asked})
        self.token = answer.json().get("token", "")
        return answer

    def invoke(self, service: str, operation: str, region: str = "us-east-1", /, **params: Any) -> Any:
        answer = self.ask("POST", "invoke", {"service": service, "operation": operation, "params": params, "region": region})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def console(cloud: Cloud) -> Cloud:
    """The cloud with the console on it."""
    if "_console" not in cloud.kernel.faces:
        face.mount(cloud.kernel)
    return cloud


@pytest.fixture
def page(console: Cloud) -> Page:
    """Signed in as the root of this test's account."""
    found = Page(console)
    assert found.sign_in().status_code == 200
    return found


@pytest.fixture
def visitor(console: Cloud) -> Page:
    """Somebody who is not signed in."""
    return Page(console)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with browsers.chromium() as found:
        yield found


@pytest.fixture(scope="package")
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """One for all who enter: what the page is made of is fetched once."""
    from .browser import profile

    made = profile(browser)
    yield made
    made.close()


@pytest.fixture
def person(profile: BrowserContext, console: Cloud) -> Iterator[Person]:
    """Signed in as the root; nothing may leave the origin, and the browser has nothing to complain of."""
    from .browser import Person

    found = Person(profile, console.endpoint, console.account)
    found.enter()
    yield found
    complaints, left = found.complaints, found.left
    found.close()
    assert complaints == []
    assert left == []

"""The page's files."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from cumulet.faces.console.site import HOME, Site
from cumulet.kernel.http.message import Request, Response

from .conftest import Page


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "site" / "assets").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_text("<!doctype html><title>Console</title>")
    (tmp_path / "site" / "assets" / "app.js").write_text("export const one = 1\n" * 50)
    (tmp_path / "secret").write_text("not for anybody")
    return Site(tmp_path / "site")


def get(site: Site, name: str, **headers: str) -> Response:
    return site.answer(Request("GET", f"/_console/{name}", {k.replace("_", "-"): v for k, v in headers.items()}), name)


def headers_of(response: Response) -> dict[str, str]:
    return dict(response.headers)


def test_files_are_sent_with_what_keeps_a_page_safe(site: Site) -> None:
    page = get(site, "")
    headers = headers_of(page)
    assert (page.status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-cache")


def test_a_file_that_the_browser_has_is_not_sent_again(site: Site) -> None:
    tag = headers_of(get(site, "assets/app.js"))["ETag"]
    assert (get(site, "assets/app.js", if_none_match=tag).status, get(site, "assets/app.js").status) == (304, 200)
    packed = get(site, "assets/app.js", accept_encoding="gzip, br")
    assert headers_of(packed)["Content-Encoding"] == "gzip"
    assert len(packed.body) < 200


def test_deep_links_show_the_page_and_missing_files_do_not(site: Site) -> None:
    assert b"Console" in get(site, "s3/buckets/a").body
    assert get(site, "assets/gone.js").status == 404
    assert site.answer(Request("POST", "/_console/", {}), "").status == 405


@pytest.mark.parametrize("name", ["../secret", "assets/../../secret", "assets//app.js", "/etc/hosts", "."])
def test_nothing_outside_the_folder_is_sent(site: Site, name: str) -> None:
    answer = get(site, name)
    assert b"not for anybody" not in answer.body
    assert answer.status in (200, 404)
    assert answer.status == 404 or b"<title>Console</title>" in answer.body


def test_a_console_that_was_not_built_says_so(tmp_path: Path) -> None:
    answer = Site(tmp_path).answer(Request("GET", "/_console/", {}), "")
    assert answer.status == 503
    assert b"make console" in answer.body


def test_the_address_without_a_slash_leads_there(page: Page) -> None:
    answer = httpx.get(page.cloud.endpoint + "/_console")
    assert (answer.status_code, answer.headers["location"]) == (307, "/_console/")


def test_the_first_page_is_no_more_than_it_may_be() -> None:
    page = (HOME / "index.html").read_text()
    names = {name.removeprefix("/_console/") for name in re.findall(r'(?:src|href)="([^"]+)"', page)}
    sizes = {}
    for name in names:
        body = get(Site(), name, accept_encoding="gzip").body
        assert isinstance(body, bytes)
        sizes[name] = len(body)
    assert len(sizes) > 3
    assert sum(sizes.values()) <= 450 * 1024, sizes

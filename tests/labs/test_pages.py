"""The labs of pages and forms, in a real browser."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from browsers import chromium
from cumulet.faces.labs import attempt, contents
from cumulet.faces.labs.room import Key, Room
from cumulet.kernel.cloud import CloudThread

_WAIT = 20_000


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def solved(name: str, start_cloud: Callable[..., CloudThread]) -> Room:
    """A lab after its solution."""
    endpoint = start_cloud(iam="audit").cloud.endpoint
    lab = next(one for one in contents.all_labs() if one.id == name)
    room = attempt.room_of(attempt.begin(lab, endpoint), endpoint)
    attempt.solve(lab, room)
    return room


def test_a_page_reads_from_another_bucket_when_that_lets_it(browser: Browser, start_cloud: Callable[..., CloudThread]) -> None:
    room = solved("L12-s3-cors-two-buckets", start_cloud)
    address = f"http://page-{room.account}.s3-website.localhost:{room.endpoint.rpartition(':')[2]}/"

    def said() -> str | None:
        page = browser.new_context().new_page()                  # nothing is known from before
        page.goto(address)
        page.wait_for_function("said.textContent != 'waiting'", timeout=_WAIT)
        return page.text_content("#said")

    assert said() == "hello from the other bucket"
    room.client("s3").delete_bucket_cors(Bucket=f"data-{room.account}")
    assert said() == "blocked"


def test_a_button_shows_what_a_function_answers(browser: Browser, start_cloud: Callable[..., CloudThread]) -> None:
    room = solved("L60-lambda-api-s3-page", start_cloud)
    address = f"http://site-{room.account}.s3-website.localhost:{room.endpoint.rpartition(':')[2]}/"

    def said() -> str | None:
        page = browser.new_context().new_page()                  # nothing is known from before
        page.goto(address)
        page.click("#ask")
        page.wait_for_function("said.textContent != 'nothing yet'", timeout=_WAIT)
        return page.text_content("#said")

    assert said() == "Hello, Ada!"
    gateway = room.client("apigatewayv2")
    gateway.delete_cors_configuration(ApiId=gateway.get_apis()["Items"][0]["ApiId"])
    assert said() == "blocked"


def test_a_form_uploads_a_file(browser: Browser, start_cloud: Callable[..., CloudThread], tmp_path: Path) -> None:
    room = solved("L15-s3-presigned", start_cloud)
    made = room.client("iam").create_access_key(UserName="signer")["AccessKey"]
    s3, name = room.client("s3", Key.of(made)), f"drop-{room.account}"
    form = s3.generate_presigned_post(name, "forms/${filename}", Fields={"success_action_status": "201"},
                                      Conditions=[{"success_action_status": "201"}], ExpiresIn=60)
    (tmp_path / "holiday.txt").write_bytes(b"from the browser")
    page = browser.new_page()
    page.set_content(_page(form))
    page.set_input_files("input[type=file]", tmp_path / "holiday.txt")
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=_WAIT) as answered:
        page.click("button")
    assert answered.value.status == 201
    assert room.client("s3").get_object(Bucket=name, Key="forms/holiday.txt")["Body"].read() == b"from the browser"


def _page(form: Any) -> str:
    fields = "".join(f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
                     for name, value in form["fields"].items())
    return (f'<form action="{form["url"]}" method="post" enctype="multipart/form-data">{fields}'
            '<input type="file" name="file"><button>Upload</button></form>')

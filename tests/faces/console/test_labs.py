"""Labs from the page: begun, checked, solved, ended."""

from __future__ import annotations

from .conftest import Page


def test_a_lab_from_beginning_to_end(page: Page) -> None:
    labs = {lab["id"]: lab for lab in page.ask("GET", "labs").json()["labs"]}
    lab = labs["L90-kms-envelope"]
    assert lab["tasks"][0]["goal"]
    assert lab["text"].startswith("#")
    attempt = page.ask("POST", "lab/begin", {"lab": lab["id"]}).json()["attempt"]
    assert attempt["accounts"][0] != page.cloud.account
    before = page.ask("POST", "lab/check", {"attempt": attempt}).json()
    assert [f["task"] for f in before["findings"] if f["why"]] == [t["id"] for t in lab["tasks"]]
    solved = page.ask("POST", "lab/solve", {"attempt": before["attempt"]}).json()
    assert [f["why"] for f in solved["findings"]] == [""] * len(lab["tasks"])
    assert set(solved["attempt"]["done"]) == {t["id"] for t in lab["tasks"]}
    assert page.ask("POST", "lab/end", {"attempt": solved["attempt"]}).json() == {}
    kms = page.cloud.client("kms", account=attempt["accounts"][0])
    assert kms.list_keys()["Keys"] == []


def test_a_lab_that_is_not_there(page: Page) -> None:
    answer = page.ask("POST", "lab/begin", {"lab": "L00"})
    assert (answer.status_code, answer.json()["error"]) == (400, "bad request: there is no lab L00")

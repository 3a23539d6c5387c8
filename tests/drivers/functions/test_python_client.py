"""The Python runtime client, seen from inside: what it says of functions that cannot be loaded, and of errors."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import pytest

from cumulet.drivers.functions.clients import awslambda_runtime as client


@pytest.mark.parametrize(("handler", "kind"), [
    ("nothing.handler", "Runtime.ImportModuleError"), ("json.nothing", "Runtime.HandlerNotFound"),
    ("sys.exit", "Runtime.BuiltInModuleConflict"), ("handler", "Runtime.MalformedHandlerName")])
def test_handlers_that_cannot_be_loaded(handler: str, kind: str) -> None:
    with pytest.raises(client.Fault) as problem:
        client.load(handler)
    assert problem.value.kind == kind


def test_handlers_are_found_by_path_and_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "module_of_a_test.py").write_text("def handler(): return 7\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert client.load("deep/module_of_a_test.handler")() == 7
    assert client.load("deep.module_of_a_test.handler")() == 7


def test_results_become_json() -> None:
    assert client.encoded({"a": Decimal("1.5"), "ü": None}) == '{"a": 1.5, "ü": null}'.encode()
    with pytest.raises(client.Fault, match="Object of type set is not JSON serializable"):
        client.encoded({1})


def test_errors_tell_their_frames() -> None:
    try:
        raise KeyError("k")
    except KeyError as problem:
        said = client.explained(problem, "id")
    assert (said["errorType"], said["errorMessage"], said["requestId"]) == ("KeyError", "'k'", "id")
    assert len(said["stackTrace"]) == 1
    assert __file__ in said["stackTrace"][0]

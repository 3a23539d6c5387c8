"""Which programs are found for a runtime, and what is said where there is none."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cumulet.drivers.functions.contract import RuntimeProblem
from cumulet.drivers.functions.runtimes import Runtime, Runtimes


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


@pytest.mark.parametrize(("name", "wanted"), [
    ("ruby3.3", r"needs the program ruby \(3.0 or later\) on PATH. Install Ruby"), ("java21", "needs a JDK"),
    ("nodejs20.x", "needs the program node"), ("python3.8", "needs the program python3.8 on PATH"),
    ("dotnet8", "no runtime client for dotnet functions")])
def test_what_is_not_there_is_named_with_what_to_install(
        name: str, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeProblem, match=wanted):
        asyncio.run(_found(tmp_path, name))


def test_what_is_too_old_or_cannot_compile_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "ruby", "printf '/x/ruby\\n/x\\n2.7.1\\n'\n")
    program(tmp_path, "java", "printf 'java.specification.version = 17\\njava.home = /nowhere\\n' >&2\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("ruby3.3", "java17"):
        with pytest.raises(RuntimeProblem, match="needs"):
            asyncio.run(_found(tmp_path, name))


def test_a_newer_ruby_than_the_function_names_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "ruby", "printf '/x/bin/ruby\\n/x\\n3.4.1\\n'\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = asyncio.run(_found(tmp_path, "ruby3.2"))
    assert found.command(lambda path: "inside:" + path, 128) == ["/x/bin/ruby", "inside:/var/runtime/cumulet/runtime.rb"]
    assert found.mounts[0] == ("/x", "/x", False)


async def _found(folder: Path, name: str) -> Runtime:
    return await Runtimes(str(folder)).find(name)

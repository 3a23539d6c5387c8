"""The pytest plugin. It is loaded by every run of pytest where cumulet is installed, so it imports nothing until it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .account import Cumulet
    from .servers import Server

_SERVER = pytest.StashKey["Server"]()
_MARK = ("cumulet(iam=None, time=None, region=None): how the cloud of this test is. iam: off, audit or enforce.  "
         "time: the clock's moment, as \"2026-01-01\"; or \"frozen\".  region: of clients that name none.")


@pytest.hookimpl
def pytest_addoption(parser: pytest.Parser) -> None:
    where = "where the cloud of tests runs: thread (the default), process, or the address of one that runs"
    parser.getgroup("cumulet").addoption("--cumulet", metavar="PLACE", default=None, help=where)
    parser.addini("cumulet", where, default="thread")


@pytest.hookimpl
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARK)


@pytest.hookimpl
def pytest_unconfigure(config: pytest.Config) -> None:
    if (server := config.stash.get(_SERVER, None)) is not None:
        server.stop()


def server_of(config: pytest.Config) -> Server:
    """The cloud of this process's tests, started when it is first asked for."""
    if (found := config.stash.get(_SERVER, None)) is None:
        from .servers import start

        place = config.getoption("--cumulet") or config.getini("cumulet")
        try:
            found = config.stash[_SERVER] = start(place)
        except ValueError as problem:
            raise pytest.UsageError(str(problem)) from None
    return found


@pytest.fixture(scope="session")
def cumulet_server(request: pytest.FixtureRequest) -> Server:
    """The running cloud: `endpoint`, `account()`."""
    return server_of(request.config)


@pytest.fixture
def cumulet(request: pytest.FixtureRequest, cumulet_server: Server) -> Iterator[Cumulet]:
    """The cloud in an account of this test's own; all clients of AWS in this process, old and new, talk to it meanwhile."""
    from .pointing import pointed

    said = _said(request)
    mine = cumulet_server.account(region=said.get("region") or "")
    try:
        if said.get("iam"):
            mine.iam(said["iam"])
        if (moment := said.get("time")) is not None:
            mine.clock.freeze() if moment == "frozen" else mine.clock.set(moment)
        with pointed(mine.endpoint, mine.account, said.get("region") or ""):
            yield mine
    finally:
        if mine.clock.moved:
            mine.clock.back()
        if said.get("iam"):
            mine.iam(None)
        mine.forget()


def _said(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers say: those nearest to the test win."""
    found: dict[str, Any] = {}
    for mark in request.node.iter_markers("cumulet"):
        if mark.args:
            raise pytest.UsageError("@pytest.mark.cumulet takes its arguments by name")
        found = {**mark.kwargs, **found}
    if unknown := found.keys() - {"iam", "time", "region"}:
        raise pytest.UsageError(f"@pytest.mark.cumulet knows no {', '.join(sorted(unknown))}")
    return found

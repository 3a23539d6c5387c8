"""The pytest plugin. It is loaded by every run of pytest where cumulet is installed, so it imports nothing until it is used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .account import Cumulet
    from .servers import Server

_GIVEN = pytest.StashKey["Server"]()           # the server of the run
_MINE = pytest.StashKey["Server"]()            # of a worker that shares one: its fork
_SHARED = "cumulet"                            # the server's address, as workers are told
_KNOWN = {"iam", "time", "region", "load", "faults"}
_MARK = ("cumulet(iam=None, time=None, region=None, load=None, faults=()): how the cloud of this test is. iam: off, audit or "
         "enforce.  time: the clock's moment, as \"2026-01-01\"; or \"frozen\".  region: of clients that name none.  load: a "
         "snapshot.  faults: what goes wrong.")


def _leave_alone() -> None:
    """pytest would rewrite the assertions of all modules that come with a plugin: here a whole cloud, seconds of work."""
    for finder in sys.meta_path:
        marked = getattr(finder, "_must_rewrite", None)
        if isinstance(marked, set):
            marked.discard("cumulet")


_leave_alone()


@pytest.hookimpl
def pytest_addoption(parser: pytest.Parser) -> None:
    where = "where the cloud of tests runs: thread (the default), process, or the address of one that runs"
    parser.getgroup("cumulet").addoption("--cumulet", metavar="PLACE", default=None, help=where)
    parser.addini("cumulet", where, default="thread")
    parser.addini("cumulet_snapshots", "the folder of the snapshots that tests load", default=".cumulet/state/snapshots")


@pytest.hookimpl
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARK)
    if _place(config) != "thread" or _shared(config):
        from . import mocking

        mocking.MOCK.make = lambda: _emptied(_given(config).fork())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist begins a worker: all of them use one server, each a fork of it, unless each has one in a thread."""
    if _place(node.config) != "thread":
        node.workerinput[_SHARED] = _given(node.config).endpoint


@pytest.hookimpl
def pytest_unconfigure(config: pytest.Config) -> None:
    if "cumulet.faces.testing.mocking" in sys.modules:
        from . import mocking, servers

        mocking.MOCK.close()
        mocking.MOCK.make = servers.InThread
    for kept in (_MINE, _GIVEN):
        if (server := config.stash.get(kept, None)) is not None:
            server.stop()


def _place(config: pytest.Config) -> str:
    return str(config.getoption("--cumulet") or config.getini("cumulet"))


def _shared(config: pytest.Config) -> str:
    """The server that the workers of xdist share; "" where there is none."""
    return str(getattr(config, "workerinput", {}).get(_SHARED, ""))


def _given(config: pytest.Config) -> Server:
    """The server that the run has, started when it is first asked for."""
    if (found := config.stash.get(_GIVEN, None)) is None:
        from .servers import start

        try:
            found = config.stash[_GIVEN] = start(_shared(config) or _place(config))
        except ValueError as problem:
            raise pytest.UsageError(str(problem)) from None
    return found


def server_of(config: pytest.Config) -> Server:
    """The cloud of this process's tests."""
    if not _shared(config):
        return _given(config)
    if (found := config.stash.get(_MINE, None)) is None:
        found = config.stash[_MINE] = _given(config).fork()
    return found


def _emptied(server: Server) -> Server:
    server.forget("")
    return server


@pytest.fixture(scope="session")
def cumulet_server(request: pytest.FixtureRequest) -> Server:
    """The running cloud: `endpoint`, `account()`."""
    return server_of(request.config)


@pytest.fixture
def cumulet(request: pytest.FixtureRequest, cumulet_server: Server) -> Iterator[Cumulet]:
    """The cloud in an account of this test's own; all clients of AWS in this process, old and new, talk to it meanwhile."""
    from .stay import stay

    folder = request.config.rootpath / request.config.getini("cumulet_snapshots")
    with stay(cumulet_server, snapshots=folder, **_said(request)) as mine:
        yield mine


def _said(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers say: those nearest to the test win."""
    found: dict[str, Any] = {}
    for mark in request.node.iter_markers("cumulet"):
        if mark.args:
            raise pytest.UsageError("@pytest.mark.cumulet takes its arguments by name")
        found = {**mark.kwargs, **found}
    if unknown := found.keys() - _KNOWN:
        raise pytest.UsageError(f"@pytest.mark.cumulet knows no {', '.join(sorted(unknown))}")
    return found

"""Child processes that are looked after, and PostgreSQL as one of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from cumulet.drivers.engines import postgres
from cumulet.drivers.engines.contract import EngineProblem
from cumulet.drivers.engines.supervisor import LOG_LINES, Supervisor

SERVE = "import pathlib, sys, time; print('hello'); sys.stdout.flush(); pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"


def until(what: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_process_is_started_again_and_stopped(tmp_path: Path) -> None:
    there = tmp_path / "there"
    supervisor = Supervisor("child", [sys.executable, "-c", SERVE, str(there)], there.exists)
    supervisor.start()
    first = supervisor.pid
    assert alive(first)
    until(lambda: "hello" in supervisor.logs())
    os.kill(first, signal.SIGKILL)
    until(lambda: supervisor.pid not in (0, first))
    second = supervisor.pid
    assert supervisor.restarts == 1
    supervisor.stop()
    assert not alive(second)
    assert supervisor.pid == 0


def test_a_process_that_does_not_come_up_says_why() -> None:
    supervisor = Supervisor("child", [sys.executable, "-c", "raise SystemExit('no licence')"], lambda: False)
    with pytest.raises(EngineProblem, match="no licence"):
        supervisor.start()
    with pytest.raises(EngineProblem, match="did not start"):
        Supervisor("child", ["/nonexistent"], lambda: False).start()
    slow = Supervisor("child", [sys.executable, "-c", "import time; time.sleep(60)"], lambda: False, patience=0.3)
    with pytest.raises(EngineProblem, match="not ready"):
        slow.start()
    assert slow.pid == 0


def test_one_that_does_not_want_to_end_is_killed(tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SERVE
    there = tmp_path / "there"
    supervisor = Supervisor("child", [sys.executable, "-c", deaf, str(there)], there.exists, deadline=0.3)
    supervisor.start()
    pid = supervisor.pid
    supervisor.stop()
    assert not alive(pid)


def test_the_log_is_bounded() -> None:
    chatty = "import time\nfor n in range(5000): print(n)\nprint('end', flush=True)\ntime.sleep(60)"
    supervisor = Supervisor("child", [sys.executable, "-c", chatty], lambda: True)
    supervisor.start()
    until(lambda: supervisor.logs().endswith("end"))
    assert len(supervisor.logs().split("\n")) == LOG_LINES
    supervisor.stop()


PARENT = """
import sys
from cumulet.drivers.engines.supervisor import Supervisor
supervisor = Supervisor("child", [sys.executable, "-c", "import time; time.sleep(60)"], lambda: True)
supervisor.start()
print(supervisor.pid, flush=True)
sys.stdin.read()
"""


def test_children_die_with_their_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdin is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    until(lambda: not alive(child))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the user who runs PostgreSQL may enter (pytest's own are closed to others)."""
    with tempfile.TemporaryDirectory(prefix="cumulet-test-") as name:
        os.chmod(name, 0o755)
        yield Path(name)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
        assert row is not None
        return row[0]


def test_postgres_keeps_its_data_and_its_rights(folder: Path) -> None:
    engine = postgres.start(folder / "a b")
    pid = engine.pid
    assert ask(engine.url, "SHOW server_encoding") == "UTF8"
    with psycopg.connect(engine.url) as connection:
        connection.execute("CREATE TABLE t AS SELECT 42 AS n")
    if os.geteuid() == 0:
        assert Path(f"/proc/{pid}").stat().st_uid != 0
    with pytest.raises(psycopg.OperationalError, match="password"):
        ask(engine.url.replace("cumulet:", "cumulet:wrong"), "SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        ask("postgresql://cumulet@127.0.0.1:5432/postgres", "SELECT 1")
    engine.stop()
    assert not alive(pid)
    again = postgres.start(folder / "a b")
    assert ask(again.url, "SELECT n FROM t") == 42
    again.stop()


def test_a_postgres_that_falls_comes_back(folder: Path) -> None:
    engine = postgres.start(folder / "data")
    first = engine.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: engine.pid not in (0, first) and engine.ready(), 20)
    assert ask(engine.url, "SELECT 1") == 1
    engine.stop()


def test_a_temporary_postgres_leaves_nothing() -> None:
    engine = postgres.temporary()
    assert ask(engine.url, "SELECT 1") == 1
    engine.stop()
    assert not Path(engine.folder).exists()


def test_a_folder_that_postgres_may_not_enter_is_named(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        engine = postgres.start(tmp_path / "x")
        engine.stop()
        return
    (tmp_path / "closed").mkdir(mode=0o700)
    with pytest.raises(EngineProblem, match="may not enter"):
        postgres.start(tmp_path / "closed" / "x")

"""The clouds that tests run against: one in this process for all, and separate ones for tests that stop and start."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import orjson
import psycopg
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, settings
from psycopg import sql

import browsers
from cumulet.drivers.engines import postgres
from cumulet.faces import control, portal, signin
from cumulet.kernel.cloud import Cloud as KernelCloud
from cumulet.kernel.cloud import CloudThread
from cumulet.kernel.settings import Settings
from cumulet.kernel.work.jobs import Job

collect_ignore = [] if browsers.PROGRAM else ["labs/test_pages.py"]

# What a test measures is never the machine's speed.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


class Clock:
    """Moves the cloud's clock."""

    def __init__(self, thread: CloudThread) -> None:
        self._thread = thread

    def now(self) -> float:
        return self._thread.cloud.clock.now()

    def advance(self, seconds: float) -> None:
        """All timers on the way have fired, and all tasks have run, when this returns."""
        cloud = self._thread.cloud
        self._thread.call(cloud.move_clock(cloud.clock.now() + seconds))

    def real(self) -> None:
        """Back to the wall's time: clients and servers agree again."""
        clock = self._thread.cloud.clock
        if clock.frozen or abs(clock.offset) > 0.5:
            self._thread.call(self._back())

    async def _back(self) -> None:
        clock = self._thread.cloud.clock
        clock.thaw()
        clock.set(clock.wall())

    def idle(self) -> None:
        """Wait until no task is due or running."""
        self._thread.call(self._thread.cloud.jobs.idle())


class Cloud:
    """A cloud as a test sees it: clients of one account, and the clock."""

    def __init__(self, thread: CloudThread, account: str) -> None:
        self.thread = thread
        self.account = account
        self.clock = Clock(thread)
        self.endpoint = thread.cloud.endpoint.replace("localhost", "127.0.0.1")

    @property
    def kernel(self) -> KernelCloud:
        return self.thread.cloud

    def client(self, service: str, *, account: str = "", region: str = "us-east-1", key: str = "", secret: str = "test",
               token: str | None = None, **options: Any) -> Any:
        """A boto3 client, by default as the root of this test's own account; it retries nothing."""
        config = Config(retries={"total_max_attempts": 1}, read_timeout=30, max_pool_connections=50,
                        parameter_validation=False, s3={"addressing_style": "path"}).merge(options.pop("config", Config()))
        return boto3.client(service, endpoint_url=self.endpoint, region_name=region,
                            aws_access_key_id=key or account or self.account, aws_secret_access_key=secret,
                            aws_session_token=token, config=config, **options)

    def other(self) -> Cloud:
        """The same cloud seen from another account."""
        return Cloud(self.thread, new_account())


def new_account() -> str:
    """An account that no other test uses: this file may be loaded as two modules, so a counter would not do."""
    return str(secrets.randbelow(899_999_999_999) + 100_000_000_000)


@contextlib.contextmanager
def postgres_engine() -> Iterator[str]:
    """A PostgreSQL server of this run; its URL. Its folder is one that an unprivileged user may enter."""
    folder = tempfile.mkdtemp(prefix="cumulet-postgres-")
    os.chmod(folder, 0o755)
    engine = postgres.start(folder, settings={"max_connections": "400"})
    try:
        yield engine.url
    finally:
        engine.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def store_url() -> Iterator[str]:
    """"" for SQLite; with STORE=postgres the URL of a PostgreSQL server started for this run."""
    if os.environ.get("STORE") != "postgres":
        yield ""
        return
    with postgres_engine() as url:
        yield url


def database(url: str, folder: Path) -> str:
    """The URL of the database that belongs to this data folder, so that separate clouds share nothing."""
    name = f"cloud_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return urlsplit(url)._replace(path=f"/{name}").geturl()


Start = Callable[..., CloudThread]


@pytest.fixture(scope="session")
def start_cloud(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts clouds in threads of this process; what is still running at the end is stopped."""
    running: list[CloudThread] = []

    def start(data: Path | None = None, **settings: Any) -> CloudThread:
        folder = data or tmp_path_factory.mktemp("data")
        if store_url and "store" not in settings:
            settings["store"] = database(store_url, folder)
        wanted = Settings(**{"ports": (0,), "data": str(folder), "ephemeral": data is None and not store_url, **settings})
        thread = CloudThread(wanted, prepare).start()
        running.append(thread)
        return thread

    yield start
    for thread in running:
        thread.stop()


@pytest.fixture(scope="module")
def enforcing(start_cloud: Start) -> CloudThread:
    """A server where IAM decides."""
    return start_cloud(iam="enforce")


@pytest.fixture
def strict(enforcing: CloudThread) -> Cloud:
    """An account of its own on it."""
    return Cloud(enforcing, new_account())


def prepare(cloud: KernelCloud) -> None:
    control.mount(cloud)
    signin.mount(cloud)
    portal.mount(cloud)
    if folder := os.environ.get("CUMULET_COVERAGE"):
        path = Path(folder) / f"{os.getpid()}.jsonl"

        def write(entries: Any) -> None:
            with path.open("ab") as f:
                f.writelines(orjson.dumps({"service": e.service, "operation": e.operation, "members": e.members,
                                           "status": e.status, "error": e.error}) + b"\n" for e in entries if e.client)

        cloud.recorder.hook(write)


@pytest.fixture(scope="session")
def shared_cloud(start_cloud: Start) -> CloudThread:
    return start_cloud()


@pytest.fixture
def cloud(shared_cloud: CloudThread) -> Iterator[Cloud]:
    """The shared cloud, in an account that no other test uses, at the wall's time.

    What a test leaves to be done is not done: others that move the clock by years would wait for its schedules.
    """
    found = Cloud(shared_cloud, new_account())
    found.clock.real()
    yield found
    store = shared_cloud.cloud.store
    shared_cloud.call(store.run(lambda tx: tx.table(Job, "", "").sql("DELETE FROM {table}")))

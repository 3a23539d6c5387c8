"""What a function is to this driver, what it is asked, and what comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple


class Logging(NamedTuple):
    """How a function's logs are kept. application, system: from which level on; where they are in JSON."""

    json: bool = False
    application: str = "INFO"
    system: str = "INFO"


class Deployment(NamedTuple):
    """One version of a function. arn: with the version; revision: environments of another one are not used any more.

    concurrency: how many invocations of the function may run at once; None shares what the account has left (`unreserved`).
    """

    arn: str
    function: str                          # the ARN without the version: what concurrency is counted by
    account: str
    region: str
    name: str
    version: str
    revision: str
    runtime: str
    handler: str
    timeout: int
    memory_mb: int
    tmp_mb: int
    variables: Mapping[str, str]
    log_group: str
    concurrency: int | None = None
    unreserved: int = 1000
    logging: Logging = Logging()
    folder: str = ""                       # where its code lies on this machine, where it is not a package


class Prepared(NamedTuple):
    """What a new environment needs beside: folders of code and layers ("" for none), credentials, and until when they last.
    variables: the function's own, where its deployment does not hold them."""

    code: str
    layers: str
    credentials: tuple[str, str, str]
    expires: float
    variables: Mapping[str, str] | None = None


class Invocation(NamedTuple):
    """One event. arn: as the function was invoked (with a version or alias, or without)."""

    id: str
    payload: bytes
    arn: str
    client_context: str = ""
    trace: str = ""


class Outcome(NamedTuple):
    """What came of it. error: "" or "Unhandled"; then the payload is the error.  log: the last of what it wrote."""

    payload: bytes
    error: str
    log: bytes
    duration_ms: float = 0.0


class Throttled(Exception):
    """There is no room for another invocation now; the reason as TooManyRequestsException tells it."""


class RuntimeProblem(Exception):
    """The runtime that a function asks for is not on this machine; says what to install."""


class LogLine(NamedTuple):
    """One event for CloudWatch Logs: milliseconds of the virtual clock, and its text."""

    at: int
    text: str


Prepare = Callable[[], Awaitable[Prepared]]
Written = tuple[Deployment, str, list[LogLine]]          # whose, the name of the stream, the lines
# Gets what the environments wrote since the last time. Called some times a second.
LogSink = Callable[[Sequence[Written]], Awaitable[None]]

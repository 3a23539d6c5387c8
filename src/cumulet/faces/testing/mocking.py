"""`mock_aws`, with the habits of moto's users: a decorator of functions, coroutines, generators and classes, a context
manager, or `start()` and `stop()`.

All uses of a process share one cloud, which nobody else uses. Each outermost use finds it empty; one within another joins it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar, overload

from .servers import InThread, Server

ACCOUNT = "123456789012"
T = TypeVar("T", bound=Callable[..., Any])
Config = Mapping[str, Mapping[str, Any]]
_KNOWN = {"core": {"mock_credentials", "reset_boto3_session"}, "iam": {"load_aws_managed_policies"}}


class MockAws:
    """One use of the mocked AWS."""

    def __init__(self, config: Config | None = None) -> None:
        self._config = _checked(config or {})

    def __enter__(self) -> MockAws:
        self.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.stop()

    def start(self, reset: bool = True) -> None:
        """From now on calls to AWS go to the mock. reset: forget what earlier uses left, unless this is within another."""
        said = self._config
        MOCK.begin(reset, keys=said.get("mock_credentials", True), fresh=said.get("reset_boto3_session", True))

    def stop(self) -> None:
        """The end of what `start` began."""
        MOCK.end()

    @overload
    def __call__(self, decorated: type[Any]) -> type[Any]: ...

    @overload
    def __call__(self, decorated: T) -> T: ...

    def __call__(self, decorated: Any) -> Any:
        from .decorating import decorate

        return decorate(self, decorated)


class Mock:
    """The mocked AWS of this process: how often it was started, and the cloud behind it."""

    def __init__(self, make: Callable[[], Server] = InThread) -> None:
        self.make = make                       # where the cloud comes from; the pytest plugin may say otherwise
        self._lock = threading.RLock()
        self._depth = 0
        self._pointed: AbstractContextManager[None] | None = None
        self._server: Server | None = None

    def begin(self, reset: bool, *, keys: bool, fresh: bool) -> None:
        """Start it; within another use: join that."""
        with self._lock:
            if not self._depth:
                from .pointing import pointed

                if self._server is None:
                    self._server = self.make()
                elif reset:
                    self._server.forget("")
                pointing = pointed(self._server.endpoint, ACCOUNT, keys=keys, fresh=fresh)
                pointing.__enter__()
                self._pointed = pointing
            self._depth += 1

    def end(self) -> None:
        """Undo one start."""
        with self._lock:
            if not self._depth or self._pointed is None:
                raise RuntimeError("mock_aws was stopped more often than it was started")
            self._depth -= 1
            if not self._depth:
                self._pointed.__exit__(None, None, None)
                self._pointed = None

    def close(self) -> None:
        """No more uses: the cloud goes."""
        with self._lock:
            if self._server is not None:
                self._server.stop()
                self._server = None


MOCK = Mock()


@overload
def mock_aws(decorated: None = None, *, config: Config | None = None) -> MockAws: ...


@overload
def mock_aws(decorated: type[Any], *, config: Config | None = None) -> type[Any]: ...


@overload
def mock_aws(decorated: T, *, config: Config | None = None) -> T: ...


def mock_aws(decorated: Any = None, *, config: Config | None = None) -> Any:
    """AWS on this machine: all that clients of this process would send to it goes to a cloud that begins empty.

    `@mock_aws`, `@mock_aws()`, `with mock_aws():`, or `start()` and `stop()`. The account is 123456789012.
    """
    mock = MockAws(config)
    return mock if decorated is None else mock(decorated)


def _checked(config: Config) -> dict[str, Any]:
    """What a config says, in one level. What would not be done is refused."""
    said: dict[str, Any] = {}
    for part, settings in config.items():
        for name, value in settings.items():
            if name not in _KNOWN.get(part, ()):
                raise ValueError(f"mock_aws has no setting {part}.{name}; it has "
                                 + ", ".join(f"{part}.{name}" for part, names in _KNOWN.items() for name in sorted(names)))
            said[name] = value
    return said

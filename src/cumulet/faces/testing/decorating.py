"""Functions and classes under `mock_aws`: it is there while they run.

A class of tests has it from before its setup until after its teardown, so that both share the test's state.
"""

from __future__ import annotations

import functools
import inspect
import unittest
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .mocking import MockAws


def decorate(mock: MockAws, decorated: Any) -> Any:
    """A class in place, a function as another one."""
    if isinstance(decorated, type):
        return _test_case(mock, decorated) if issubclass(decorated, unittest.TestCase) else _class(mock, decorated)
    return _function(mock, decorated)


def _function(mock: MockAws, fn: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(fn):
        @functools.wraps(fn)
        async def yielding_later(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            with mock:
                async for each in fn(*args, **kwargs):
                    yield each

        return yielding_later
    if inspect.iscoroutinefunction(fn):
        @functools.wraps(fn)
        async def later(*args: Any, **kwargs: Any) -> Any:
            with mock:
                return await fn(*args, **kwargs)

        return later
    if inspect.isgeneratorfunction(fn):
        @functools.wraps(fn)
        def yielding(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with mock:
                yield from fn(*args, **kwargs)

        return yielding

    @functools.wraps(fn)
    def now(*args: Any, **kwargs: Any) -> Any:
        with mock:
            return fn(*args, **kwargs)

    return now


def _test_case(mock: MockAws, case: type[unittest.TestCase]) -> type[unittest.TestCase]:
    """It begins before setUp, and before setUpClass where the class has one: then its tests share their state."""
    if case.setUpClass.__func__ is not unittest.TestCase.setUpClass.__func__:               # type: ignore[attr-defined]
        at_first = case.setUpClass.__func__                                                 # type: ignore[attr-defined]

        def set_up_class(cls: type[unittest.TestCase]) -> None:
            mock.start()
            cls.addClassCleanup(mock.stop)
            at_first(cls)

        case.setUpClass = classmethod(set_up_class)                                         # type: ignore[assignment]
    before = case.setUp

    @functools.wraps(before)
    def set_up(self: unittest.TestCase) -> None:
        mock.start()
        self.addCleanup(mock.stop)
        before(self)

    case.setUp = set_up                                                                     # type: ignore[method-assign]
    return case


def _class(mock: MockAws, found: type[Any]) -> type[Any]:
    """A class of pytest's: its setup_method runs before its fixtures. Its tests are decorated too, for those who call them.

    Of a class without tests all that others may call is.
    """
    before, after = getattr(found, "setup_method", None), getattr(found, "teardown_method", None)

    def setup_method(self: Any, method: Any) -> None:
        mock.start()
        try:
            _call(before, self, method)
        except BaseException:
            mock.stop()
            raise

    def teardown_method(self: Any, method: Any) -> None:
        try:
            _call(after, self, method)
        finally:
            mock.stop()

    public = {name: value for name, value in vars(found).items() if inspect.isfunction(value) and not name.startswith("_")}
    tests = {name: value for name, value in public.items() if name.startswith("test")}
    for name, value in (tests or public).items():
        setattr(found, name, _function(mock, value))
    if tests:
        found.setup_method, found.teardown_method = setup_method, teardown_method
    return found


def _call(given: Callable[..., Any] | None, self: Any, method: Any) -> None:
    """pytest lets these take the method or not."""
    if given is not None:
        given(self, *[method] * (len(inspect.signature(given).parameters) - 1))

"""cumulet: a whole AWS that you run yourself."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
_TESTING = ("mock_aws",)


def __getattr__(name: str) -> Any:
    """What tests import from here; it is not loaded before."""
    if name not in _TESTING:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("cumulet.testing"), name)


def __dir__() -> list[str]:
    return [*globals(), *_TESTING]

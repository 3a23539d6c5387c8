"""Sessions of boto3 that talk to one cloud. All of a process share what they read of AWS's models: that is what makes a
client slow to make."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.loaders import Loader, create_loader


@cache
def _loader() -> Loader:
    return create_loader()


def core(region: str | None = None) -> Any:
    """A session of botocore."""
    session = botocore.session.Session()
    session.register_component("data_loader", _loader())
    if region:
        session.set_config_variable("region", region)
    return session


def session(endpoint: str, account: str, region: str) -> Any:
    """A session of boto3 whose clients and resources talk to this cloud, by default as the root of the account."""
    try:
        import boto3
    except ModuleNotFoundError:
        raise ModuleNotFoundError("clients need boto3: pip install boto3") from None

    class Session(boto3.Session):                                            # type: ignore[misc]
        def client(self, *args: Any, **options: Any) -> Any:
            return super().client(*args, **{"endpoint_url": endpoint, **options})

        def resource(self, *args: Any, **options: Any) -> Any:
            return super().resource(*args, **{"endpoint_url": endpoint, **options})

    made = Session(aws_access_key_id=account, aws_secret_access_key="test", botocore_session=core(region))
    _forget_twins()
    return made


class _Later:
    """A session of boto3 that is made when it is first used: most tests make none of their clients by it."""

    def __getattr__(self, name: str) -> Any:
        import boto3

        made = boto3.Session(botocore_session=core())
        _forget_twins()
        self.__dict__ = made.__dict__
        self.__class__ = boto3.Session
        return getattr(self, name)


@contextlib.contextmanager
def default() -> Iterator[None]:
    """While this lasts, `boto3.client(…)` does not use what boto3 kept of an earlier environment."""
    boto3: Any = sys.modules.get("boto3")
    before = getattr(boto3, "DEFAULT_SESSION", None)
    if boto3 is not None:
        boto3.DEFAULT_SESSION = _Later()
    try:
        yield
    finally:
        boto3 = sys.modules.get("boto3")
        if boto3 is not None:
            boto3.DEFAULT_SESSION = before


def _forget_twins() -> None:
    """Each session of boto3 adds its folder to those that are searched."""
    paths = _loader().search_paths
    paths[:] = dict.fromkeys(paths)

"""A stretch of time in which this process's clients of AWS, made before or meanwhile, talk to one cloud."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping

from ..cli.credentials import environment
from . import redirect, sessions

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")


@contextlib.contextmanager
def pointed(endpoint: str, account: str, region: str = "", *, keys: bool = True, fresh: bool = True) -> Iterator[None]:
    """Until this ends, clients find the cloud and the account: by the environment, or by `redirect` where they are older.

    keys: set access keys too.  fresh: boto3's default session is another one meanwhile.
    """
    target = redirect.Target(endpoint, account)
    before = _change(_wanted(endpoint, account, region, keys))
    redirect.begin(target)
    try:
        with sessions.default() if fresh else contextlib.nullcontext():
            yield
    finally:
        redirect.end(target)
        _change(before)


def _wanted(endpoint: str, account: str, region: str, keys: bool) -> dict[str, str | None]:
    """What is to change in the environment; None: goes."""
    region = region or os.environ.get("AWS_DEFAULT_REGION") or os.environ.get("AWS_REGION") or "us-east-1"
    becomes = environment(endpoint, account, region) | {"AWS_EC2_METADATA_DISABLED": "true", "CUMULET_ENDPOINT": endpoint}
    names = (os.environ.keys() | becomes.keys()) - (set() if keys else set(_KEYS))
    return {name: becomes.get(name) for name in names if becomes.get(name) != os.environ.get(name)}


def _change(wanted: Mapping[str, str | None]) -> dict[str, str | None]:
    """Set and remove these variables; what they were before."""
    before = {name: os.environ.get(name) for name in wanted}
    for name, value in wanted.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    return before

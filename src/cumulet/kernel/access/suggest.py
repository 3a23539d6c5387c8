"""A least-privilege policy from what was seen: the actions, on the resources as they were asked for.

Many resources of one kind become one pattern only where their names begin alike up to a separator, or where they are objects
of one bucket; else all are named.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from .observed import Use, beginning

FEW = 5                       # so many resources of one kind are named one by one
LARGEST = 6144                # characters of a managed policy
_HEAD = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[^:]*:([\w-]+[/:])?")
_BUCKET = re.compile(r"arn:[^:]*:s3:::[^/]+/")
_SEPARATED = re.compile(r".*[/:_.-]", re.DOTALL)


class Suggestion(NamedTuple):
    """The policy, and what its reader should know of it."""

    policy: dict[str, Any]
    notes: list[str]


def suggestion(uses: Iterable[Use]) -> Suggestion:
    """The policy that allows these uses and little else."""
    notes: list[str] = []
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for use in uses:
        resources = _merged(use, notes)
        alike[use.action.partition(":")[0], tuple(resources)].append(use.action)
    statements = [_statement(number, actions, resources)
                  for number, ((_, resources), actions) in enumerate(sorted(alike.items()))]
    policy = {"Version": "2012-10-17", "Statement": statements}
    if (size := len(json.dumps(policy, separators=(",", ":")))) > LARGEST:
        notes.append(f"the policy has {size} characters, and a managed policy can have {LARGEST}: divide it")
    return Suggestion(policy, notes)


def _statement(number: int, actions: list[str], resources: Iterable[str]) -> dict[str, Any]:
    """Sids are the service's name and a number."""
    name = "".join(part.capitalize() for part in re.split("[^a-z0-9]+", actions[0].partition(":")[0].lower()))
    return {"Sid": f"{name}{number}", "Effect": "Allow", "Action": sorted(actions), "Resource": sorted(resources)}


def _merged(use: Use, notes: list[str]) -> list[str]:
    """The resources of one action, named or as patterns; what was merged is told."""
    if "*" in use.resources:
        return ["*"]
    kinds: dict[str, set[str]] = defaultdict(set)
    for name in (*use.resources, *((use.gone,) if use.gone else ())):
        kinds[_head(name)].add(name)
    found = []
    for head, names in kinds.items():
        pattern = _pattern(head, names) if len(names) > FEW or use.gone in names else ""
        if pattern:
            notes.append(f"{use.action}: {len(names)} resources became {pattern}")
            found.append(pattern)
        else:
            found += [_escaped(name) for name in names]
    return found


def _head(arn: str) -> str:
    """What resources of one kind have in common: up to the name, and of objects their bucket as well."""
    found = _BUCKET.match(arn) or _HEAD.match(arn)
    return found[0] if found else ""


def _pattern(head: str, names: Collection[str]) -> str:
    """A pattern for all of these; "" when nothing but their kind is alike."""
    separated = _SEPARATED.match(beginning(names))
    if separated is None or not separated[0].startswith(head):
        return ""
    if separated[0] == head and not _BUCKET.match(head):
        return ""
    return _escaped(separated[0]) + "*"


def _escaped(name: str) -> str:
    """As a policy says it: a question mark of a key is none of a pattern, and a dollar begins no variable."""
    return name.replace("${", "${$}{").replace("?", "${?}")

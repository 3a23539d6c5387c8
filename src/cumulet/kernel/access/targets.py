"""What a call needs: pairs of an action and the ARN that it is about. All of them must be allowed.

The service's `access.targets` says it; without one, the ARNs follow from what AWS lists of the action (catalogue.py): a
member that holds an ARN of that kind, or members that fill its pattern, through the declared resource where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ..declare import Resource, about, member
from ..resources import arns
from ..resources.lifecycle import fields
from ..wire import model
from . import actions, catalogue

if TYPE_CHECKING:
    from ..call import Call
    from ..catalog import Loaded

Targets = list[tuple[str, str]]
_MANY = 1000                  # ARNs of one kind that one call can name
_VARIABLE = re.compile(r"\$\{(\w+)\}|\{(\w+)\}")
_LABEL = re.compile(r"\{(\w+)\+?\}")
_SHORT = {"partition", "region", "account"}
_VERB = re.compile(r"[A-Z][a-z]+")


def targets(call: Call, members: Mapping[str, Any]) -> Targets:
    """The pairs that this call needs, at least one."""
    loaded = call.cloud.catalog.load(call.service)
    find = getattr(loaded.access, "targets", None)
    said = find(call, members) if find is not None else None
    if said is None:
        found = derived(call, members, loaded)
    else:
        own, found = actions.action_of(call.service, call.operation), []
        for action, arn in said:
            found.append((action or own, arn or "*"))
        found = found or [(own, "*")]
    more = getattr(loaded.access, "further", None)
    return [*found, *more(call, members)] if more is not None else found


# What these make has no ARN yet, whatever else they name.
_MAKES = ("Create", "Run", "Start", "Import", "Register", "Put", "Request", "Copy", "Allocate")


def derived(call: Call, members: Mapping[str, Any], loaded: Loaded) -> Targets:
    """By the operation's name, and the resource types that AWS lists for its action."""
    action = actions.action_of(call.service, call.operation)
    if call.service in actions.BY_METHOD:
        return [(action, f"arn:{arns.partition_of(call.region)}:apigateway:{call.region}::{_path(call, members)}")]
    listed = catalogue.action(action)
    if listed is None:
        return [(action, "*")]
    named = [(kind, _named(call, members, kind.arn, loaded)) for kind in listed.types]
    # One ARN of several possible kinds: the others are not meant.
    one_of = any(arns and arns[0] in members.values() for _, arns in named) and not call.operation.startswith(_MAKES)
    found: list[str] = []
    for kind, arns_of_kind in named:
        found += arns_of_kind or ([_whole(call, kind.arn)] if kind.required and not one_of else [])
    return [(action, arn) for arn in dict.fromkeys(found)] or [(action, "*")]


def _path(call: Call, members: Mapping[str, Any]) -> str:
    """The path that an operation is asked for by; version 2 of an API has the same ARNs."""
    said = model(call.service).operations[call.operation]
    labels = {ref["locationName"]: name for name, ref in said.input.get("members", {}).items() if ref.get("location") == "uri"}
    path = said.raw["http"]["requestUri"].partition("?")[0].removeprefix("/v2")
    return _LABEL.sub(lambda found: str(members.get(labels[found[1]], "*")), path)


def _named(call: Call, members: Mapping[str, Any], pattern: str, loaded: Loaded) -> list[str]:
    """The ARNs of one kind that the members name."""
    plan = _plan(pattern)
    if found := [text for text in _texts(members.values()) if plan.matches(text)]:
        return found[:_MANY]
    for kind in loaded.resources.values():
        if _shape(about(kind).arn) == plan.shape and (arn := _declared(call, members, kind)):
            return [arn]
    if not plan.variables:
        return []
    values = [_values(members, name, call.operation) for name in plan.variables]
    if not values[-1]:
        return []
    heads = [v[0] if v else "*" for v in values[:-1]]
    return [_filled(call, pattern, dict(zip(plan.variables, [*heads, last], strict=True))) for last in values[-1]][:_MANY]


def _whole(call: Call, pattern: str) -> str:
    """An ARN of this kind that has no name yet, or is not named: each variable is `*`."""
    return _filled(call, pattern, {})


def _filled(call: Call, pattern: str, values: Mapping[str, str]) -> str:
    known = {"partition": arns.partition_of(call.region), "region": call.region, "account": call.account}
    return _VARIABLE.sub(lambda m: known.get((m[1] or m[2]).lower()) or values.get(m[1] or m[2], "*"), pattern)


def _texts(values: Iterable[Any]) -> Iterable[str]:
    """Texts that may be ARNs, also in lists."""
    for value in values:
        if isinstance(value, str):
            if value.startswith("arn:"):
                yield value
        elif isinstance(value, list):
            yield from (v for v in value if isinstance(v, str) and v.startswith("arn:"))


class Plan(NamedTuple):
    """One ARN pattern, read once. shape: with its variables blanked, to compare patterns of different authors."""

    regex: re.Pattern[str]
    variables: tuple[str, ...]
    shape: str

    def matches(self, text: str) -> bool:
        return self.regex.fullmatch(text) is not None


@lru_cache(4096)
def _plan(pattern: str) -> Plan:
    names = [m[1] or m[2] for m in _VARIABLE.finditer(pattern)]
    out, at = [], 0
    for found in _VARIABLE.finditer(pattern):
        out.append(re.escape(pattern[at:found.start()]))
        out.append("[^:/]*" if (found[1] or found[2]).lower() in _SHORT else ".+")
        at = found.end()
    regex = re.compile("".join([*out, re.escape(pattern[at:])]))
    return Plan(regex, tuple(n for n in names if n.lower() not in _SHORT), _shape(pattern))


@lru_cache(4096)
def _shape(pattern: str) -> str:
    blank = _VARIABLE.sub("{}", pattern.replace("{Path}", "/"))
    return re.sub(r"(\{\})+", "{}", blank.replace("/{}", "{}").replace("//", "/"))


def _values(members: Mapping[str, Any], variable: str, operation: str) -> list[str]:
    """What the members give for a variable of a pattern: QueueName, or QueueNames, or (BucketName) Bucket, or Name alone where
    the operation's noun is what has that name."""
    names = _spellings(variable, operation)
    for name, value in members.items():
        if name.lower() in names:
            if isinstance(value, str) and value:
                return [value]
            if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
                return list(value)
    return []


@lru_cache(8192)
def _spellings(variable: str, operation: str) -> frozenset[str]:
    name = variable.lower()
    short = name.removesuffix("withpath").removesuffix("name").removesuffix("id") or name
    noun = _VERB.sub("", operation, count=1).lower()
    return frozenset({name, name + "s", name.removesuffix("withpath"), short, short + "name", short + "id",
                      short + "identifier", *(("name", "id") if noun in (short, short + "s") else ())})


# --- by declarations ---


@lru_cache(1024)
def _id_members(kind: type[Resource]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each field of the id, and how the API may call it."""
    places = {f.name: f.place for f in fields(kind)}
    return tuple((name, (p.name, name) if isinstance(p := places.get(name), member) else (name,)) for name in about(kind).id)


def _declared(call: Call, members: Mapping[str, Any], kind: type[Resource]) -> str:
    """The ARN of the declared resource that the members name, whether it is there or about to be; "" when they name none."""
    key = []
    for _, names in _id_members(kind):
        value = next((members[n] for n in names if isinstance(members.get(n), str) and members[n]), None)
        if value is None or (value.startswith("arn:") and not _plan(about(kind).arn).matches(value)):
            return ""
        key.append(value)
    row = call.table(kind).get(*key)
    if row is not None:
        return arns.arn(row, call.account, call.region)
    values = dict(zip((name for name, _ in _id_members(kind)), key, strict=True))
    wanted = {name: str(members.get(name, "")) or ("/" if name == "Path" else "*") for name in _plan(about(kind).arn).variables}
    return _filled(call, about(kind).arn, wanted | values)

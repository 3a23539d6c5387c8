"""The policies of an entity, each with what the simulator and the access advisor say of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from cumulet.kernel import Call, error, not_implemented, parse_arn, principals

from . import catalogue
from .resources import Attachment, Group, InlinePolicy, Membership, Role, User


class Source(NamedTuple):
    """One policy. id: as the simulator names it; type: "user", "group", "role", "aws-managed", "user-managed", "resource" or
    "none" (given with the question); owner: the (kind, name) of the entity that it is part of, for inline policies."""

    id: str
    type: str
    text: str
    name: str = ""
    arn: str = ""
    owner: tuple[str, str] = ("", "")


class Entity(NamedTuple):
    """A user, group or role: its kind ("user" …), name, unique id, path and boundary."""

    kind: str
    name: str
    id: str
    path: str
    boundary: str | None


def entity(call: Call, arn: str) -> Entity:
    """Of this account; raises NoSuchEntity."""
    parsed = parse_arn(arn)
    kind, _, rest = parsed.resource.partition("/") if parsed is not None else ("", "", "")
    if parsed is None or parsed.service != "iam" or kind not in ("user", "group", "role"):
        raise error.InvalidInputException(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    name = rest.rpartition("/")[2]
    found = None
    if parsed.account == call.account:
        table: Any = {"user": User, "group": Group, "role": Role}[kind]
        row: Any = call.table(table).get(name)
        found = None if row is None or call.arn(row) != arn else _told(kind, row)
    if found is None:
        raise error.NoSuchEntityException(f"ARN {arn} does not exist.")
    return found


def _told(kind: str, row: Any) -> Entity:
    noun = kind.title()
    return Entity(kind, getattr(row, noun + "Name"), getattr(row, noun + "Id"), row.Path,
                  getattr(row, "PermissionsBoundary", None))


def with_groups(call: Call, of: Entity) -> list[Entity]:
    """The entity, and the groups of a user."""
    found = [of]
    if of.kind == "user":
        for one in call.table(Membership).scan(of.id):
            group = call.table(Group).find("id", one.group)
            if group is not None:
                found.append(_told("group", group))
    return found


def policies(call: Call, of: Entity) -> list[Source]:
    """Inline and managed policies of the entity, and of a user's groups."""
    return [source for one in with_groups(call, of) for source in own_policies(call, one)]


def own_policies(call: Call, of: Entity) -> Iterable[Source]:
    """Those of the entity itself."""
    for row in call.table(InlinePolicy).scan(of.id):
        yield Source(f"{of.kind}_{of.name}_{row.name}", of.kind, row.document, row.name, "", (of.kind, of.name))
    for attached in call.table(Attachment).scan(of.id):
        if (found := managed(call, attached.policy)) is not None:
            yield found


def managed(call: Call, arn: str) -> Source | None:
    """A managed policy with the text of its default version."""
    row = catalogue.known(call, arn)
    if row is None:
        return None
    kind = "user-managed" if catalogue.shared(arn) is None else "aws-managed"
    return Source(row.ManagedPolicyName, kind, catalogue.version(call, row, row.default).document, row.ManagedPolicyName, arn)


def given(texts: Sequence[str], member: str) -> list[Source]:
    """Policies that came with the question: checked, and called `PolicyInputList.1` and so on."""
    return [Source(f"{member}.{number}", "none", checked(text)) for number, text in enumerate(texts, 1)]


def checked(text: str) -> str:
    """A text that is a policy; raises InvalidInput."""
    try:
        principals.check_policy(text)
    except principals.MalformedPolicy as problem:
        raise error.InvalidInputException(str(problem)) from None
    return text


# --- policies that are left out ------------------------------------------------------------------------------------------


def without(found: Sequence[Source], excluded: Sequence[Mapping[str, Any]]) -> list[Source]:
    """Those that no identifier of PolicyExclusionList means."""
    return [one for one in found if not any(_meant(one, identifier) for identifier in excluded)]


def _meant(one: Source, identifier: Mapping[str, Any]) -> bool:
    if (kind := identifier.get("PolicyType")) is not None:
        if kind == "scp":
            raise not_implemented("iam:PolicyExclusionList of service control policies")
        return bool(one.type == kind or (kind == "inline" and one.owner[0]))
    if (arn := identifier.get("PolicyArn")) is not None:
        return bool(one.arn) and _fits(arn, one.arn)
    inline = identifier.get("InlinePolicyIdentifier") or {}
    return (bool(one.owner[0]) and inline.get("PolicyName") == one.name and inline.get("AttachmentType") == one.owner[0]
            and _fits(inline.get("AttachmentName", ""), one.owner[1]))


def _fits(pattern: str, text: str) -> bool:
    if pattern.count("*") > 1:
        raise error.InvalidInputException(f"At most one * may stand in {pattern}.")
    regex = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(regex, text) is not None


# --- condition keys -------------------------------------------------------------------------------------------------------

_VARIABLE = re.compile(r"\$\{\s*([^},\s]{2,}?)\s*(?:,[^}]*)?\}")


def context_keys(texts: Iterable[str]) -> list[str]:
    """The condition keys that policies speak of, in conditions and as variables, without regard to case."""
    found: dict[str, str] = {}
    for text in texts:
        document = json.loads(text)
        said = document.get("Statement")
        for statement in said if isinstance(said, list) else [said]:
            for block in (statement.get("Condition") or {}).values():
                for key in block:
                    found.setdefault(key.lower(), key)
        for key in _VARIABLE.findall(text):
            found.setdefault(key.lower(), key)
    return sorted(found.values())

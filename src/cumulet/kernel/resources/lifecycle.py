"""Create, read, update, delete, list any resource from its declaration: what CloudFormation, Cloud Control, the console and
clean-up share.

Properties are CloudFormation's; each is brought to its API member by name, or as the field's annotation says. Everything
is done by calling the ordinary operations through the pipeline, so the lifecycle cannot drift from the API.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from .. import wire
from ..declare import Resource, about, by, fixed, inside, linked, member
from ..errors import AwsError
from .steps import Properties, put_at, steps

if TYPE_CHECKING:
    from ..call import Call


class Field(typing.NamedTuple):
    """One property: its name, where it lives in the API, and whether it may change."""

    name: str
    place: by | inside | linked | member | None
    fixed: bool
    default: Any


@cache
def fields(kind: type[Resource]) -> tuple[Field, ...]:
    """The properties of a type: its fields with a capital, as CloudFormation writes them."""
    hints = typing.get_type_hints(kind, include_extras=True)
    defaults = {f.name: f.default for f in msgspec.structs.fields(kind)}
    found = []
    for name, hint in hints.items():
        if not name[:1].isupper():
            continue
        said = hint.__metadata__ if typing.get_origin(hint) is typing.Annotated else ()
        place = next((s for s in said if isinstance(s, (by, inside, linked, member))), None)
        found.append(Field(name, place, any(s is fixed for s in said), defaults[name]))
    return tuple(found)


@cache
def verb(kind: type[Resource], which: str) -> str:
    """The operation behind create, read, update, delete or list; by convention from the class's name."""
    said = getattr(about(kind).verbs, which)
    if said == "none":
        raise AwsError("UnsupportedActionException", f"{about(kind).type} has no {which} of its own.", 400)
    if said:
        return str(said)
    noun = kind.__name__
    return {"create": f"Create{noun}", "read": f"Get{noun}", "update": f"Update{noun}", "delete": f"Delete{noun}",
            "list": f"List{noun}s"}[which]


@cache
def id_members(kind: type[Resource]) -> tuple[str, ...]:
    """How the API calls the fields of the id."""
    places = {f.name: f.place for f in fields(kind)}
    return tuple(p.name if isinstance(p := places.get(name), member) else name for name in about(kind).id)


def create(call: Call, type_name: str, properties: Properties) -> tuple[str, ...]:
    """Make one; its primary identifier. Raises the API's own errors, and AwsError for unknown properties."""
    kind, service = _kind(call, type_name)
    known = {f.name: f for f in fields(kind)}
    wanted = dict(properties)
    tags = _tag_map(wanted.pop("Tags", None))
    unkept = {n: wanted.pop(n) for n in about(kind).write_only if n in wanted}
    if unknown := wanted.keys() - known.keys():
        raise AwsError("NotImplemented", f"{type_name} does not honour {', '.join(sorted(unknown))} yet.", 501)
    operation = verb(kind, "create")
    given = _members(service, operation, {known[n]: v for n, v in wanted.items()}) | unkept
    tagged = _create_tags(service, operation, kind, tags) if tags else {}
    given |= tagged
    for name in id_members(kind):                  # a name that CloudFormation would make up
        if name in wire.model(service).operations[operation].required and name not in given:
            given[name] = f"{type_name.rpartition('::')[2].lower()}-{call.token(12)}"
    result = _send(call, service, operation, given) or {}
    key = tuple(str(_find(result, api) or _find(result, name) or given.get(api, wanted.get(name)))
                for name, api in zip(about(kind).id, id_members(kind), strict=True))
    _apply(call, kind, service, key, {known[n]: v for n, v in wanted.items() if n not in given}, {})
    if tags and not tagged:
        _retag(call, kind, service, key, {}, tags)
    return key


def read(call: Call, type_name: str, key: tuple[str, ...]) -> Properties:
    """Its properties and returned attributes, from its own row."""
    kind, _ = _kind(call, type_name, key)
    row = call.get(kind, *key)
    if _leaving(row):
        raise AwsError(about(kind).missing, about(kind).missing_message.format(id=key[0]))
    found: Properties = {f.name: getattr(row, f.name) for f in fields(kind)
                         if not isinstance(f.place, linked) and getattr(row, f.name) is not None}
    if row.tags:
        found["Tags"] = [{"Key": k, "Value": v} for k, v in sorted(row.tags.items())]
    return found | {name: call.arn(row) if source == "arn" else getattr(row, source)
                    for name, source in about(kind).returns.items()}


def update(call: Call, type_name: str, key: tuple[str, ...], old: Properties, new: Properties) -> None:
    """Bring it from old to new properties. Raises NotUpdatable when a fixed one differs: it needs a replacement."""
    kind, service = _kind(call, type_name, key)
    known = {f.name: f for f in fields(kind)}
    unkept = about(kind).write_only
    if unknown := new.keys() - known.keys() - unkept.keys() - {"Tags"}:
        raise AwsError("NotImplemented", f"{type_name} does not honour {', '.join(sorted(unknown))} yet.", 501)
    for name in unkept.keys() & new.keys():
        if old.get(name) != new[name]:
            _send(call, service, unkept[name], _identify(service, unkept[name], kind, call, key) | new[name])
    changed = {known[n]: v for n, v in new.items() if n in known and old.get(n) != v}
    changed |= {known[n]: known[n].default for n in old.keys() - new.keys() if n in known}
    for field in changed:
        if field.fixed:
            raise AwsError("NotUpdatable", f"{field.name} of {type_name} cannot be changed.", 400)
    direct = {f: v for f, v in changed.items() if not isinstance(f.place, (by, linked))}
    if direct and about(kind).verbs.whole:
        direct |= {f: new[f.name] for f in known.values()
                   if f.name in new and not f.fixed and not isinstance(f.place, (by, linked))}
    if direct:
        operation = verb(kind, "update")
        known_as = _identify(service, operation, kind, call, key)
        if untaken := _untaken(service, operation, direct):
            raise AwsError("NotImplemented", f"{type_name} does not honour changes of {', '.join(untaken)} yet.", 501)
        if {"AttributeName", "AttributeValue"} <= wire.model(service).operations[operation].members:
            for field, value in direct.items():
                _send(call, service, operation, known_as | {"AttributeName": field.name, "AttributeValue": _text(value)})
        else:
            _send(call, service, operation, known_as | _members(service, operation, direct))
    _apply(call, kind, service, key, {f: v for f, v in changed.items() if isinstance(f.place, (by, linked))}, old)
    _retag(call, kind, service, key, _tag_map(old.get("Tags")), _tag_map(new.get("Tags")))


def delete(call: Call, type_name: str, key: tuple[str, ...]) -> None:
    """End it."""
    kind, service = _kind(call, type_name, key)
    operation = verb(kind, "delete")
    row = call.get(kind, *key)
    for field in fields(kind):
        if isinstance(field.place, linked):
            for one in _linked_now(call, service, field.place, kind, key):
                _send(call, service, field.place.detach, _identify(service, field.place.detach, kind, call, key)
                      | {field.place.member: one})
    last = {f.name: getattr(row, f.name) for f in fields(kind) if isinstance(f.place, by) and f.place.at_end}
    _send(call, service, operation, _identify(service, operation, kind, call, key, row) | last)


def every(call: Call, type_name: str) -> list[tuple[str, ...]]:
    """The identifiers of all of a type, in this account and region (rows of the partition: those that name the account)."""
    kind, _ = _kind(call, type_name)
    names = about(kind).id
    return [tuple(str(getattr(row, n)) for n in names) for row in call.table(kind).scan()
            if getattr(row, "account", call.account) == call.account and not _leaving(row)]


def _leaving(row: Any) -> bool:
    """Does it wait for its deletion (a key, a secret)? Then it is gone for whoever manages resources by their lifecycle."""
    return getattr(row, "leaving", None) is not None


def types(call: Call) -> frozenset[str]:
    """All types that any service here declares."""
    return frozenset(call.cloud.catalog.types())


def property_names(call: Call, type_name: str) -> frozenset[str]:
    """The properties of a type that may be given."""
    kind, _ = _kind(call, type_name)
    return frozenset(f.name for f in fields(kind)) | about(kind).write_only.keys() | {"Tags"}


# --- from properties to members --------------------------------------------------------------------------------------


def _kind(call: Call, type_name: str, key: tuple[str, ...] | None = None) -> tuple[type[Resource], str]:
    types = call.cloud.catalog.types()
    if type_name not in types:
        raise AwsError("TypeNotFoundException", f"The type '{type_name}' cannot be found.", 404)
    kind = call.cloud.catalog.resource(type_name)
    if key is not None and len(key) != len(about(kind).id):
        raise AwsError(about(kind).missing, about(kind).missing_message.format(id="|".join(key)))
    return kind, types[type_name]


def _send(call: Call, service: str, operation: str, members: Mapping[str, Any]) -> Any:
    loaded = call.cloud.catalog.load(service)
    snake = next((s for s, p in loaded.by_snake.items() if p.name == operation), operation)
    return getattr(getattr(call.aws, service), snake)(**members)


def _members(service: str, operation: str, values: Mapping[Field, Any]) -> Properties:
    """Those values that this operation takes: by name, inside a map, or at another place."""
    takes = wire.model(service).operations[operation].members
    out: Properties = {}
    for field, value in values.items():
        if isinstance(field.place, linked) or (isinstance(field.place, by) and field.name not in takes):
            continue
        if isinstance(field.place, inside) and field.place.member in takes:
            out.setdefault(field.place.member, {})[field.name] = _text(value)
        elif isinstance(field.place, member):
            put_at(out, field.place.name, _as_api(service, operation, field.place.name, value))
        elif field.name in takes:
            out[field.name] = value
    return out


def _as_api(service: str, operation: str, path: str, value: Any) -> Any:
    """A value in the API's case: CloudFormation's properties have capitals where the members of many APIs have none."""
    model = wire.model(service)
    return value if "." in path else _cased(model.shapes, model.operations[operation].input["members"][path]["shape"], value)


def _cased(shapes: Mapping[str, Any], name: str, value: Any) -> Any:
    shape = shapes[name]
    if isinstance(value, list) and shape["type"] == "list":
        return [_cased(shapes, shape["member"]["shape"], one) for one in value]
    if not isinstance(value, Mapping) or shape["type"] != "structure":
        return value
    members, found = shape["members"], {}
    for key, inner in value.items():
        word = key if key in members else key[:1].lower() + key[1:]
        found[word] = _cased(shapes, members[word]["shape"], inner) if word in members else inner
    return found


def _untaken(service: str, operation: str, values: Mapping[Field, Any]) -> list[str]:
    """Properties that an update operation has no member for."""
    takes = wire.model(service).operations[operation].members
    if {"AttributeName", "AttributeValue"} <= takes:
        return []
    return [f.name for f in values
            if not (f.name in takes or (isinstance(f.place, inside) and f.place.member in takes)
                    or (isinstance(f.place, member) and f.place.name.partition(".")[0] in takes))]


def _text(value: Any) -> str:
    """How APIs write a value in a map of strings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return msgspec.json.encode(value).decode() if isinstance(value, (dict, list)) else str(value)


def _identify(service: str, operation: str, kind: type[Resource], call: Call, key: tuple[str, ...],
              row: Resource | None = None) -> Properties:
    """The members by which an operation knows this resource: its id's fields, its ARN (or Identifier), or what a list takes."""
    takes = wire.model(service).operations[operation].members
    said = about(kind)
    found = {name: value for name, value in zip(id_members(kind), key, strict=True) if name in takes}
    if len(found) == len(said.id):
        return found
    row = row or call.get(kind, *key)
    for name in takes:
        if name.lower() in (f"{kind.__name__}Arn".lower(), f"{kind.__name__}Identifier".lower()) \
                or re.fullmatch(r"(Resource|Topic|Function|Policy|Queue|Table)?(Arn|ARN)|Resource|resourceArn", name):
            return {name: call.arn(row)}
    if "ResourceId" in takes:
        return {"ResourceId": key[0]}
    if "QueueUrl" in takes:
        return {"QueueUrl": f"{call.endpoint}/{call.account}/{key[0]}"}
    for name in takes:
        if name in ("Resources", said.id[0] + "s"):
            return {name: [key[0]]}
    raise AwsError("InternalFailure", f"{operation} does not take the id of {said.type}", 500)


def _apply(call: Call, kind: type[Resource], service: str, key: tuple[str, ...], values: Mapping[Field, Any],
           old: Properties) -> None:
    """Properties that have operations of their own."""
    for field, value in values.items():
        if isinstance(field.place, by) and field.place.at_end:
            call.table(kind).change(*key, **{field.name: value})
        elif isinstance(field.place, by):
            now = getattr(call.get(kind, *key), field.name)
            for operation, members in steps(service, about(kind).type, field.name, field.place, now, value):
                _send(call, service, operation, _identify(service, operation, kind, call, key) | members)
        elif isinstance(field.place, linked):
            before, after = set(old.get(field.name) or ()), set(value or ())
            for operation, relations in ((field.place.attach, after - before), (field.place.detach, before - after)):
                for one in sorted(relations):
                    _send(call, service, operation, _identify(service, operation, kind, call, key) | {field.place.member: one})


def _linked_now(call: Call, service: str, place: linked, kind: type[Resource], key: tuple[str, ...]) -> list[str]:
    if not place.read:
        return []
    told = _send(call, service, place.read, _identify(service, place.read, kind, call, key))
    inner = [v for outer in told.values() if isinstance(outer, dict) for v in outer.values()]
    listed = next((v for v in [*told.values(), *inner] if isinstance(v, list)), [])
    return [one[place.member] if isinstance(one, dict) else one for one in listed]


# --- tags ------------------------------------------------------------------------------------------------------------


def _tag_map(tags: Any) -> dict[str, str]:
    if isinstance(tags, Mapping):
        return {str(k): str(v) for k, v in tags.items()}
    return {t["Key"]: t["Value"] for t in tags or ()}


@cache
def _tag_word(service: str) -> str:
    """A few APIs say TagKey and TagValue (KMS)."""
    return "Tag" if "TagKey" in wire.model(service).shapes.get("Tag", {}).get("members", ()) else ""


def _create_tags(service: str, operation: str, kind: type[Resource], tags: dict[str, str]) -> Properties:
    """The member by which an operation takes tags, in its own form."""
    takes = wire.model(service).operations[operation].members
    listed = [{f"{_tag_word(service)}Key": k, f"{_tag_word(service)}Value": v} for k, v in tags.items()]
    if "TagSpecifications" in takes:
        words = re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()
        return {"TagSpecifications": [{"ResourceType": words, "Tags": listed}]}
    for name in ("Tags", "tags", "TagList"):
        if name in takes:
            return {name: tags if wire.model(service).kind(operation, name) == "map" else listed}
    return {}


def _retag(call: Call, kind: type[Resource], service: str, key: tuple[str, ...], old: dict[str, str],
           new: dict[str, str]) -> None:
    tagging = about(kind).tags
    if old == new or isinstance(tagging, str):
        return
    takes = wire.model(service).operations[tagging.untag].members
    if not takes & {"TagKeys", "Tags", "tagKeys"}:  # S3's way: all tags at once, or none
        if new:
            all_of_them = {"Tagging": {"TagSet": [{"Key": k, "Value": v} for k, v in new.items()]}}
            _send(call, service, tagging.tag, _identify(service, tagging.tag, kind, call, key) | all_of_them)
        else:
            _send(call, service, tagging.untag, _identify(service, tagging.untag, kind, call, key))
        return
    if gone := old.keys() - new.keys():
        member_name = next(name for name in ("TagKeys", "tagKeys", "Tags") if name in takes)
        keys = sorted(gone) if member_name != "Tags" else [{"Key": k} for k in sorted(gone)]
        _send(call, service, tagging.untag, _identify(service, tagging.untag, kind, call, key) | {member_name: keys})
    if changed := {k: v for k, v in new.items() if old.get(k) != v}:
        _send(call, service, tagging.tag, _identify(service, tagging.tag, kind, call, key)
              | _create_tags(service, tagging.tag, kind, changed))


def _find(result: Any, name: str) -> Any:
    """A member of this name in a result, two structures deep."""
    if name in result:
        return result[name]
    inner = [v for v in result.values() if isinstance(v, dict)]
    inner += [w for v in inner for w in v.values() if isinstance(w, dict)]
    return next((v[name] for v in inner if name in v), None)

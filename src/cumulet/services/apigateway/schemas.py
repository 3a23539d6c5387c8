"""Models' schemas: read, joined with those that they refer to, what does not fit them, and templates made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .names import invalid

Said = dict[str, Any]
_REFERENCE = re.compile(r"https?://apigateway\.amazonaws\.com/restapis/[^/]+/models/(\w+)")


def check(text: str | None) -> None:
    """A schema must be one of draft 4."""
    if text is None:
        return
    from jsonschema import Draft4Validator, SchemaError

    try:
        said = json.loads(text)
        if not isinstance(said, dict):
            raise ValueError("a schema is an object")
        Draft4Validator.check_schema(said)
    except (ValueError, SchemaError) as problem:
        reason = problem.message if isinstance(problem, SchemaError) else str(problem)
        raise invalid(f"Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified. "
                      f"{reason}]") from None


def problems(schema: str, models: Mapping[str, str], body: bytes) -> list[str]:
    """What of a body does not fit a model. models: the schemas of all, by name."""
    try:
        said = json.loads(body or b"null")
    except ValueError:
        return ["Invalid JSON"]
    from jsonschema import Draft4Validator
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    found = [{"name": name, "schema": text} for name, text in models.items()]
    validator = Draft4Validator(json.loads(flattened(schema, found)), registry=Registry())       # which fetches nothing
    try:
        return [_worded(each) for each in sorted(validator.iter_errors(said), key=lambda each: list(map(str, each.path)))]
    except Unresolvable as problem:
        return [f"the model refers to what is not there: {problem.ref}"]


def _worded(problem: Any) -> str:
    """As API Gateway's validator says it: `object has missing required properties (["name"])`."""
    if problem.validator == "required":
        missing = sorted(set(problem.validator_value) - set(problem.instance))
        return f"object has missing required properties ({json.dumps(missing)})"
    if problem.validator == "type":
        wanted = problem.validator_value if isinstance(problem.validator_value, list) else [problem.validator_value]
        return (f"instance type ({_type(problem.instance)}) does not match any allowed primitive type "
                f"(allowed: {json.dumps(wanted)})")
    return str(problem.message)


def _type(value: Any) -> str:
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"),
                       (dict, "object")):
        if isinstance(value, kind):
            return name
    return "null"


def flattened(schema: str, models: Sequence[Mapping[str, Any]]) -> str:
    """With all the models that it refers to as definitions within it."""
    known = {str(each["name"]): str(each.get("schema") or "{}") for each in models}
    wanted: Said = {}

    def local(value: Any) -> Any:
        if isinstance(value, list):
            return [local(each) for each in value]
        if not isinstance(value, dict):
            return value
        found = _REFERENCE.fullmatch(str(value.get("$ref", "")))
        if found is None or found[1] not in known:
            return {name: local(each) for name, each in value.items()}
        if found[1] not in wanted:
            wanted[found[1]] = None
            wanted[found[1]] = local(json.loads(known[found[1]]))
        return {"$ref": f"#/definitions/{found[1]}"}

    said = local(json.loads(schema))
    return json.dumps({**said, "definitions": {**said.get("definitions", {}), **wanted}} if wanted else said)


def template(schema: str) -> str:
    """A mapping template that brings what the model tells of."""
    return f"#set($inputRoot = $input.path('$'))\n{_shape(json.loads(schema), '$inputRoot', 0)}"


def _shape(said: Mapping[str, Any], where: str, depth: int) -> str:
    pad, kind = "  " * (depth + 1), said.get("type")
    if kind == "object" or "properties" in said:
        inner = [f'{pad}"{name}" : {_shape(each, f"{where}.{name}", depth + 1)}'
                 for name, each in (said.get("properties") or {}).items()]
        return "{\n" + ",\n".join(inner) + "\n" + "  " * depth + "}"
    if kind == "array":
        each = _shape(said.get("items") or {}, "$elem", depth + 1)
        return f"[\n#foreach($elem in {where})\n{pad}{each}#if($foreach.hasNext),#end\n#end\n{'  ' * depth}]"
    return f'"{where}"' if kind == "string" else where

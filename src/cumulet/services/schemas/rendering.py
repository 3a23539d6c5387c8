"""A tree of kinds as a schema: OpenAPI 3 or JSON Schema Draft 4, in the forms that discovery gives them. Pure."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from .inference import Tree

_WORD = re.compile(r"[A-Za-z0-9]+")
_REQUIRED = ["detail-type", "resources", "detail", "id", "source", "time", "region", "version", "account"]
_PLAIN = {"string": {"type": "string"}, "time": {"type": "string", "format": "date-time"}, "number": {"type": "number"},
          "boolean": {"type": "boolean"}, "any": {}}
DRAFT4 = "http://json-schema.org/draft-04/schema#"


class Kind(NamedTuple):
    """Whose schema it is: the source and detail-type of events."""

    source: str
    detail_type: str

    @property
    def title(self) -> str:
        return pascal(self.detail_type)

    @property
    def schema(self) -> str:
        """What discovery calls it."""
        return f"{self.source}@{self.title}"


def pascal(text: str) -> str:
    """`order created` as OrderCreated."""
    return "".join(word[:1].upper() + word[1:] for word in _WORD.findall(text)) or "Empty"


class _Definitions:
    """Objects get names of their own, and are referred to."""

    def __init__(self, base: str, taken: tuple[str, ...]) -> None:
        self._base = base
        self.found: dict[str, Any] = dict.fromkeys(taken, None)

    def of(self, tree: Tree, name: str) -> dict[str, Any]:
        kind = tree["kind"]
        if kind == "object":
            return {"$ref": self._base + self.put(tree, name)}
        if kind == "array":
            return {"type": "array", "items": self.of(tree["item"], name + "Item") if tree["item"] else {"type": "object"}}
        return dict(_PLAIN[kind])

    def put(self, tree: Tree, wanted: str) -> str:
        """Define an object; its name."""
        name, number = wanted, 1
        while name in self.found:
            number += 1
            name = f"{wanted}{number}"
        said: dict[str, Any] = {"type": "object"}
        self.found[name] = said
        if tree["required"]:
            said["required"] = tree["required"]
        said["properties"] = {field: self.of(inner, pascal(field)) for field, inner in tree["fields"].items()}
        return name


def _envelope(kind: Kind, detail: str, resources: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "string"}
    return {"type": "object", "required": _REQUIRED,
            "x-amazon-events-detail-type": kind.detail_type, "x-amazon-events-source": kind.source,
            "properties": {"detail": {"$ref": detail}, "account": text, "detail-type": text, "id": text, "region": text,
                           "resources": {"type": "array", "items": resources}, "source": text,
                           "time": {"type": "string", "format": "date-time"}, "version": text}}


def rendered(kind: Kind, tree: Tree, form: str) -> str:
    """The schema of events whose detail and resources look so. tree: of an object {detail, resources}."""
    base = "#/components/schemas/" if form == "OpenApi3" else "#/definitions/"
    definitions = _Definitions(base, ("AWSEvent",) if form == "OpenApi3" else ())
    detail = base + definitions.put(tree["fields"]["detail"], kind.title)
    item = tree["fields"]["resources"]["item"]
    envelope = _envelope(kind, detail, dict(_PLAIN[item["kind"]]) if item and item["kind"] in _PLAIN else {"type": "object"})
    if form == "OpenApi3":
        definitions.found["AWSEvent"] = envelope
        said = {"openapi": "3.0.0", "info": {"version": "1.0.0", "title": kind.title}, "paths": {},
                "components": {"schemas": definitions.found}}
    else:
        said = {"$schema": DRAFT4, "title": kind.title, "definitions": definitions.found, **envelope}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))

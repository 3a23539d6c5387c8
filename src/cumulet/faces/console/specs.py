"""What the page must know of a service to list, show, make and end things in it: its model, slim, and what is here of it."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from typing import Any

import orjson

from ...kernel.catalog import Catalog
from ...kernel.http.message import Response
from ...kernel.wire import data
from ..coverage import OF_THE_KERNEL
from ..models import sentence

_PROSE = 240                   # characters of documentation that a form shows
_TITLE = re.compile(r'"serviceFullName"\s*:\s*"([^"]+)"')
_HEAD = 16_384


class Specs:
    """Answers to `/_console/api/services` and `/_console/api/spec/NAME`: made on first use, kept packed."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._packed: dict[str, bytes] = {}

    def services(self) -> Response:
        """Every service that AWS's models name, and whether it is here."""
        if "" not in self._packed:
            here = self._catalog.apis
            rows = [{"id": name, "title": _title(name), "here": name in here} for name in data.services()]
            self._packed[""] = _pack({"services": rows})
        return _answer(self._packed[""])

    def spec(self, name: str) -> Response | None:
        """One service; None when AWS has none of this name."""
        if name not in self._packed:
            if not re.fullmatch(r"[a-z0-9-]+", name) or not data.newest(name):
                return None
            self._packed[name] = _pack(self._spec(name))
        return _answer(self._packed[name])

    def _spec(self, name: str) -> dict[str, Any]:
        model = data.read(name, "service-2")
        promises = self._catalog.load(name).operations[name] if name in self._catalog.apis else {}
        pages = data.paginators(name)
        shapes = _Shapes(model["shapes"])
        operations = {}
        for operation, said in model["operations"].items():
            promise = promises.get(operation)
            told: dict[str, Any] = {"doc": _prose(said.get("documentation", "")), "here": promise is not None}
            if "input" in said:
                told["in"] = shapes.add(said["input"]["shape"])
            if "output" in said:
                told["out"] = shapes.add(said["output"]["shape"])
            if promise is not None:
                told["honours"] = sorted(promise.promised | promise.accepted | OF_THE_KERNEL)
            if page := pages.get(operation):
                told["page"] = {"result": page.get("result_key"), "in": page.get("input_token"),
                                "out": page.get("output_token"), "limit": page.get("limit_key")}
            operations[operation] = told
        return {"id": name, "title": _title(name), "here": bool(promises), "operations": operations, "shapes": shapes.kept}


class _Shapes:
    """The shapes that operations name, each once."""

    def __init__(self, shapes: dict[str, Any]) -> None:
        self._shapes = shapes
        self.kept: dict[str, Any] = {}

    def add(self, name: str) -> str:
        if name in self.kept:
            return name
        shape = self._shapes[name]
        told: dict[str, Any] = {"type": shape["type"]}
        self.kept[name] = told
        for said in ("enum", "min", "max", "pattern", "sensitive", "document"):
            if said in shape:
                told[said] = shape[said]
        if "members" in shape:
            told["members"] = {member: {"shape": self.add(said["shape"]), "doc": _prose(said.get("documentation", ""))}
                               for member, said in shape["members"].items()}
            if required := shape.get("required"):
                told["required"] = required
        if "member" in shape:
            told["of"] = self.add(shape["member"]["shape"])
        if "value" in shape:
            told["key"], told["of"] = self.add(shape["key"]["shape"]), self.add(shape["value"]["shape"])
        return name


def _prose(documentation: str) -> str:
    said = sentence(documentation[:4 * _PROSE])
    return said if len(said) <= _PROSE else said[:_PROSE].rpartition(" ")[0] + " …"


@lru_cache(512)
def _title(name: str) -> str:
    """The service's name in full, from the head of its model."""
    path = data.file_of(name)
    with open(path, "rb") if path.suffix == ".json" else gzip.open(path) as file:
        found = _TITLE.search(file.read(_HEAD).decode("utf-8", "ignore"))
    return found[1] if found else name


def _pack(value: Any) -> bytes:
    return gzip.compress(orjson.dumps(value), 6)


def _answer(packed: bytes) -> Response:
    return Response(200, [("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Cache-Control", "no-cache")],
                    packed)

"""Values for shapes of a model: within the model's constraints, as cumulet holds them (see kernel/wire/contract.py)."""

from __future__ import annotations

import math
import random
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from texts import CONTRADICTIONS, PLAIN, TEXT, samples

URI = TEXT.replace("/", "")
LABEL = PLAIN.replace("_", "").replace(".", "").replace("-", "")
DEPTH = 4


class Generator:
    """Random values; the same for the same seed."""

    def __init__(self, seed: str, all_members: bool = True) -> None:
        self.random = random.Random(seed)
        self.all_members = all_members
        self.service = seed.partition(".")[0]

    def value(self, shape: Shape, depth: int = 0, where: str = "") -> Any:
        """where: "", "header", "uri", "querystring": what text may hold there."""
        kind = shape.type_name
        if isinstance(shape, StructureShape):
            return {"document": "yes", "n": [1, 2.5, None]} if shape.is_document_type else self.structure(shape, depth)
        if isinstance(shape, ListShape):
            return [self.value(shape.member, depth + 1, where) for _ in range(self.size(shape, depth))]
        if isinstance(shape, MapShape):
            wanted = self.size(shape, depth)
            names = [self.text(shape.key, where) for _ in range(wanted)]
            for _ in range(50):
                if len(set(names)) < wanted:             # keys are to differ; a few patterns and enums have not so many
                    names.append(self.text(shape.key, where))
            names = list(dict.fromkeys(names))[:wanted]
            # Names of headers have no capitals.
            return {name.lower() if where == "headers" else name: self.value(shape.value, depth + 1, where) for name in names}
        if kind == "string":
            return self.text(shape, where)
        if kind in ("integer", "long"):
            return self.integer(shape, kind)
        if kind in ("float", "double"):
            low, high = float(shape.metadata.get("min", -100)), float(shape.metadata.get("max", 1e6))
            return min(max(self.random.choice([0.5, 1.25, 100.0, -3.75]), low), high)
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "timestamp":
            return float(self.random.randrange(0, 2_000_000_000))
        if kind == "blob":
            size = max(int(shape.metadata.get("min", 0)), self.random.randrange(1, 24))
            return self.random.randbytes(min(size, int(shape.metadata.get("max", size))))
        raise AssertionError(kind)

    def structure(self, shape: StructureShape, depth: int) -> dict[str, Any]:
        members = shape.members
        if shape.is_tagged_union:
            name = self.random.choice(list(members))
            return {name: self.member(members[name], depth)}
        required = set(shape.required_members)
        chosen = {}
        for name, member in members.items():
            if name in required or (depth < DEPTH and (self.all_members or self.random.random() < 0.5)):
                if depth >= DEPTH * 3 and name not in required:
                    continue
                chosen[name] = self.member(member, depth)
        if not chosen and members and DEPTH <= depth < DEPTH * 3:
            name = self.random.choice(list(members))     # what is empty could not be told from what is not there
            chosen[name] = self.member(members[name], depth)
        return chosen

    def member(self, shape: Shape, depth: int) -> Any:
        host = "host" if shape.serialization.get("hostLabel") else ""
        return self.value(shape, depth + 1, host or shape.serialization.get("location", ""))

    def size(self, shape: Shape, depth: int) -> int:
        least = int(shape.metadata.get("min", 0))
        most = int(shape.metadata.get("max", 10))
        # Deep down one item is enough; none, were it required, could not be said in forms and XML.
        wanted = 0 if depth >= DEPTH * 3 else 1 if depth >= DEPTH else self.random.choice([1, 2])
        return max(least, min(wanted, most))

    def integer(self, shape: Shape, kind: str) -> int:
        limit = 2**31 if kind == "integer" else 2**53
        low = max(int(shape.metadata.get("min", -100)), -limit)
        high = min(int(shape.metadata.get("max", max(low, 0) + 1000)), limit - 1)
        return self.random.randint(math.ceil(low), max(math.ceil(low), high))

    def text(self, shape: Shape, where: str = "") -> str:
        enum = shape.metadata.get("enum")
        if enum:
            return str(self.random.choice(enum))
        least, most = int(shape.metadata.get("min", 0)), int(shape.metadata.get("max", 1 << 30))
        pattern = shape.metadata.get("pattern")
        if pattern and (self.service, shape.name) not in CONTRADICTIONS:
            found = samples(pattern, least, most, where)
            if found:
                return self.random.choice(found)
        length = min(max(least, self.random.randrange(1, 13)), most)
        alphabet = TEXT if not where else PLAIN if where in ("header", "headers") else LABEL if where == "host" else URI
        text = "".join(self.random.choice(alphabet) for _ in range(length))
        if not most:
            return ""
        return (text.strip(" ." if where == "uri" else None) or "x").ljust(least, "x")

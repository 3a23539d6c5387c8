"""Rows of every table that any service declares, made from the types of their fields: all that a state can hold."""

from __future__ import annotations

import random
from typing import Any

from msgspec import inspect

from cumulet.kernel.catalog import Catalog
from cumulet.kernel.declare import stored_kinds, stored_of
from cumulet.kernel.store.contract import Transaction

# A blob has a file, the machine's key opens what is sealed, jobs run and scopes are made by writing: these have real rows only.
REAL = {"kernel_blob", "kernel_job", "kernel_machine_key", "kernel_scopes"}
TEXTS = ("", "plain", "ünï\U0001f600", "a\x00b", "quote'\"", "0" * 300, "2027-01-01", "arn:aws:sqs:us-east-1:1:q")
SCOPES = (("111111111111", "us-east-1"), ("111111111111", "eu-west-1"), ("222222222222", "us-east-1"))


def kinds(catalog: Catalog) -> list[type]:
    """All tables of this version that can be filled so."""
    for service in catalog.declared.values():
        catalog.load(service.api)
    found = [*stored_kinds("cumulet.kernel"), *stored_kinds("cumulet.services")]
    return [kind for kind in found if stored_of(kind).table not in REAL]


class Rows:
    """Makes values, the same ones for a seed; no two texts, numbers or bytes are equal, so that keys are free."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._last = 0

    def put(self, tx: Transaction, kind: type, count: int) -> None:
        """So many in each of several accounts and regions."""
        said = stored_of(kind)
        for account, region in SCOPES:
            for _ in range(count):
                row = self.row(kind)
                if said.auto:
                    setattr(row, said.auto, 0)
                tx.table(kind, account, region).put(row)

    def row(self, kind: type) -> Any:
        said = inspect.type_info(kind)
        assert isinstance(said, inspect.StructType)
        return kind(**{field.name: self._value(field.type) for field in said.fields})

    def _next(self) -> int:
        self._last += 1
        return self._last

    def _value(self, said: inspect.Type) -> Any:
        simple = self._simple(said)
        if simple is not None:
            return simple
        match said:
            case inspect.NoneType():
                return None
            case inspect.LiteralType(values=values):
                return self._random.choice(list(values))
            case inspect.UnionType(types=types):
                return self._value(self._random.choice(types))
            case inspect.Metadata(type=inner):
                return self._value(inner)
            case inspect.ListType(item_type=item):
                return [self._value(item) for _ in range(self._random.randrange(3))]
            case inspect.VarTupleType(item_type=item):
                return tuple(self._value(item) for _ in range(self._random.randrange(3)))
            case inspect.TupleType(item_types=items):
                return tuple(self._value(item) for item in items)
            case inspect.DictType(key_type=key, value_type=value):
                return {self._value(key): self._value(value) for _ in range(self._random.randrange(3))}
            case inspect.StructType(cls=cls):
                return self.row(cls)
            case inspect.AnyType():
                return self._random.choice([None, True, self._next(), [f"{self._next()}"], {"k": {"n": 1.5}}])
        raise TypeError(f"no values of {said}")

    def _simple(self, said: inspect.Type) -> Any:
        match said:
            case inspect.StrType():
                return f"{self._next()} {self._random.choice(TEXTS)}"
            case inspect.IntType():
                return self._next() * self._random.choice([1, 1 << 32])
            case inspect.FloatType():
                return self._next() + self._random.random()
            case inspect.BoolType():
                return self._random.random() < 0.5
            case inspect.BytesType():
                return self._next().to_bytes(4) + self._random.randbytes(self._random.randrange(40))
        return None

"""The full-text indexes of an index: which of a vector's terms are filed, and that they go with it.

A field is one metadata key that is searched; its postings are filed under the field's id, which is never used twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call

from .analysis import terms
from .resources import Corpus, Field, Posting, Vector
from .vectors import metadata_of


def file(call: Call, fields: Sequence[Field], row: Vector | None, old: Vector | None) -> None:
    """Make the postings those of `row`, where they were those of `old`; None: no vector."""
    before, after = (metadata_of(one) if one is not None else {} for one in (old, row))
    key = (row or old or Vector(box="", key="", segment=0, norm=0, data=b"")).key
    for field in fields:
        if before.get(field.key) != after.get(field.key):
            _remove(call, field, key, before.get(field.key))
            add(call, field, key, after.get(field.key))
        elif row is not None:
            add(call, field, key, after.get(field.key))


def add(call: Call, field: Field, key: str, value: Any) -> None:
    """File a text, unless it is: it may come by a put and again while the field is built."""
    found = terms(value, field.language)
    if not found or _filed(call, field, key, found):
        return
    length, table = found.total(), call.table(Posting)
    for term, times in found.items():
        table.put(Posting(field=field.id, term=term, key=key, times=times, length=length))
    _count(call, field, 1, length)


def _remove(call: Call, field: Field, key: str, value: Any) -> None:
    found = terms(value, field.language)
    if not found or not _filed(call, field, key, found):
        return
    for term in found:
        call.table(Posting).delete(field.id, term, key)
    _count(call, field, -1, -found.total())


def _filed(call: Call, field: Field, key: str, found: Any) -> bool:
    return call.table(Posting).get(field.id, next(iter(found)), key) is not None


def _count(call: Call, field: Field, documents: int, length: int) -> None:
    table = call.table(Corpus)
    row = table.get(field.id) or Corpus(field=field.id)
    table.put(Corpus(field=field.id, documents=row.documents + documents, length=row.length + length))

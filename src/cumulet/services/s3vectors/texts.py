"""The full-text indexes of an index: the terms of its vectors' texts are filed, and go with them.

A field is one metadata key that is searched; its postings are filed under the field's id, which is never used twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call

from .analysis import terms
from .resources import Corpus, Field, Posting, Vector
from .vectors import metadata_of

_AT_ONCE = 150                         # postings of one statement
_MANY = ('INSERT INTO {table} (scope, "field", "term", "place", "times", "length") VALUES '
         + ", ".join(["({scope}, ?, ?, ?, ?, ?)"] * _AT_ONCE))


class Filing:
    """Changes to the postings of some fields, each vector once; written by `done`."""

    def __init__(self, call: Call, fields: Sequence[Field]) -> None:
        self._call = call
        self._fields = fields
        self._postings: list[Posting] = []
        self._documents: defaultdict[str, int] = defaultdict(int)
        self._length: defaultdict[str, int] = defaultdict(int)

    def change(self, place: str, old: Vector | None, new: Vector | None) -> None:
        """The texts of a vector were those of `old` and are those of `new`; None: there is no vector."""
        before, after = (metadata_of(one) if one is not None else {} for one in (old, new))
        for field in self._fields:
            if old is not None and before.get(field.key) != after.get(field.key):
                self._remove(field, place, before)
            self.add(field, place, after)

    def add(self, field: Field, place: str, metadata: Mapping[str, Any]) -> None:
        """File a text, unless it is: it may come by a put and again while the field is built."""
        found = terms(metadata.get(field.key), field.language)
        if not found or self._filed(field, place, next(iter(found))):
            return
        length = found.total()
        self._postings += [Posting(field=field.id, term=term, place=place, times=times, length=length)
                           for term, times in found.items()]
        self._count(field, 1, length)

    def _remove(self, field: Field, place: str, metadata: Mapping[str, Any]) -> None:
        found = terms(metadata.get(field.key), field.language)
        if not found or not self._filed(field, place, next(iter(found))):
            return
        for term in found:
            self._call.table(Posting).delete(field.id, term, place)
        self._count(field, -1, -found.total())

    def _filed(self, field: Field, place: str, term: str) -> bool:
        return self._call.table(Posting).get(field.id, term, place) is not None

    def _count(self, field: Field, documents: int, length: int) -> None:
        self._documents[field.id] += documents
        self._length[field.id] += length

    def done(self) -> None:
        """In the order of the key, many rows a statement: a text has hundreds of terms."""
        table, rows = self._call.table(Posting), sorted(self._postings, key=lambda row: (row.field, row.term, row.place))
        full = len(rows) - len(rows) % _AT_ONCE
        for begin in range(0, full, _AT_ONCE):
            table.sql(_MANY, *(value for row in rows[begin:begin + _AT_ONCE]
                               for value in (row.field, row.term, row.place, row.times, row.length)))
        for row in rows[full:]:
            table.insert(row)
        totals = self._call.table(Corpus)
        for field, documents in self._documents.items():
            known = totals.get(field) or Corpus(field=field)
            totals.put(Corpus(field=field, documents=known.documents + documents, length=known.length + self._length[field]))

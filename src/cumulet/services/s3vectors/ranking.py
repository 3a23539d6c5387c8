"""Full-text search: BM25 over the postings of one or more fields, read in the order of places, some at a time; and how rankings
are fused.

k1 = 1.2 and b = 0.75, as is usual; a term's weight is ln(1 + (N - n + 0.5) / (n + 0.5)).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cumulet.kernel import Call

from .analysis import terms
from .filters import Fits
from .resources import Corpus, Field, Posting, Vector
from .searching import Best, Ranked
from .vectors import unpacked

_K1, _B = 1.2, 0.75
_FUSION = 60                           # the constant of Reciprocal Rank Fusion
_PORTION = 400                         # postings of a term that are read at once
Scores = dict[str, dict[str, float]]   # place of a vector → key of the metadata → BM25


class Wanted(NamedTuple):
    """A query's text for one field."""

    field: Field
    text: str


class _Term(NamedTuple):
    """A term of one field, with what all of its postings share."""

    field: Field
    term: str
    weight: float
    usual: float                       # length of the field's texts

    def score(self, times: int, length: int) -> float:
        return self.weight * times * (_K1 + 1) / (times + _K1 * (1 - _B + _B * length / self.usual))


async def search(there: Call, box: str, wanted: Sequence[Wanted], most: int, fits: Fits | None) -> tuple[Ranked, list[Ranked]]:
    """The ranking by all fields' scores together, and one ranking a field; the scores are negative: the lowest come first."""
    asked = await there.run(_terms, wanted)
    together, single = Best(most), {one.field.key: Best(most) for one in wanted}
    after: str | None = ""
    while after is not None and asked:
        found, after = await there.run(_portion, box, asked, after, fits)
        together.add([-sum(scores.values()) for scores in found.values()], list(found))
        for name, best in single.items():
            places = [place for place, scores in found.items() if name in scores]
            best.add([-found[place][name] for place in places], places)
    return together.ranked(), [best.ranked() for best in single.values()]


def scores_of(call: Call, wanted: Sequence[Wanted], places: Sequence[str]) -> Scores:
    """The scores of some vectors."""
    found: Scores = defaultdict(dict)
    for term in _terms(call, wanted):
        for place in places:
            row = call.table(Posting).get(term.field.id, term.term, place)
            if row is not None:
                _add(found[place], term, row.times, row.length)
    return found


def fused(rankings: Sequence[Ranked], most: int) -> Ranked:
    """Reciprocal Rank Fusion; negative, as above."""
    found: dict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, (_, place) in enumerate(ranking, 1):
            found[place] -= 1 / (_FUSION + rank)
    return sorted((score, place) for place, score in found.items())[:most]


def _terms(call: Call, wanted: Sequence[Wanted]) -> list[_Term]:
    found = []
    for field, text in wanted:
        corpus = call.table(Corpus).get(field.id)
        if corpus is None or not corpus.documents:
            continue
        for term in terms(text, field.language):
            having = call.table(Posting).count(field.id, term)
            weight = math.log(1 + (corpus.documents - having + 0.5) / (having + 0.5))
            found.append(_Term(field, term, weight, corpus.length / corpus.documents))
    return found


def _portion(call: Call, box: str, asked: Sequence[_Term], after: str, fits: Fits | None) -> tuple[Scores, str | None]:
    """The scores of the next vectors by place, whole, and the place after which to go on; None at the end."""
    read = [call.table(Posting).scan(term.field.id, term.term, after=after, limit=_PORTION) for term in asked]
    bound = min((rows[-1].place for rows in read if len(rows) == _PORTION), default=None)
    found: Scores = defaultdict(dict)
    for term, rows in zip(asked, read, strict=True):
        for row in rows:
            if bound is None or row.place <= bound:
                _add(found[row.place], term, row.times, row.length)
    return found if fits is None else _fitting(call, box, found, fits), bound


def _add(scores: dict[str, float], term: _Term, times: int, length: int) -> None:
    scores[term.field.key] = scores.get(term.field.key, 0.0) + term.score(times, length)


def _fitting(call: Call, box: str, found: Mapping[str, dict[str, float]], fits: Fits) -> Scores:
    rows = (call.table(Vector).get(box, place) for place in found)
    return {row.place: found[row.place] for row in rows if row is not None and fits(unpacked(row.filterable))}

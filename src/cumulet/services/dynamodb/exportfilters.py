"""What a full export leaves out: items and attributes that its FilterSpecification does not choose.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_FilterSpecification.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import search
from . import values as av
from .resources import Entry, Facts
from .terms import Terms

Doc = dict[str, Any]
Choose = Callable[[Entry], "bytes | None"]   # the JSON to write of an item; None leaves it out


def of(facts: Facts, asked: Doc | None) -> Choose:
    """The choice that a specification makes; raises what Query says of one that makes no sense."""
    if asked is None:
        return lambda entry: entry.body
    texts = {name: asked.get(name) for name in ("KeyConditionExpression", "FilterExpression", "ProjectionExpression")}
    terms = Terms(asked.get("ExpressionAttributeNames"), asked.get("ExpressionAttributeValues"),
                  "FilterExpression and KeyConditionExpression", **texts)
    key = terms.condition(texts["KeyConditionExpression"], "KeyConditionExpression")
    test = terms.condition(texts["FilterExpression"], "FilterExpression")
    projection = terms.projection(texts["ProjectionExpression"])
    terms.finish()
    hash_key, bounds = search.key_range(search.schema_of(facts), search.parts_of(key, terms.values)) if key else (b"", {})
    if key and test:
        search.no_keys(search.schema_of(facts), test, "Filter Expression")

    def choose(entry: Entry) -> bytes | None:
        if hash_key and (entry.hash != hash_key or not search.within(bounds, entry.sort)):
            return None
        item = av.decode(entry.body)
        if test is not None and not test.test(item, terms.values):
            return None
        return entry.body if projection is None else av.encode(projection.of(item))

    return choose

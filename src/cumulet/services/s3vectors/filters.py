"""Metadata filters: a filter's JSON becomes a function that says whether a vector's filterable metadata fits.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-metadata-filtering.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError

from .places import invalid

Metadata = Mapping[str, Any]
Fits = Callable[[Metadata], bool]
_MOST = 100                            # constraints of an enhanced query
_DEEPEST = 32
_ORDER = {"$gt": operator.gt, "$gte": operator.ge, "$lt": operator.lt, "$lte": operator.le}


def refused(why: str) -> AwsError:
    return invalid(f"Invalid filter: {why}", "filter")


def compiled(asked: Any, hidden: Collection[str], enhanced: bool) -> Fits:
    """hidden: keys that the index keeps out of filters.  enhanced: the mode that the query runs in."""
    reader = _Reader(hidden, enhanced)
    fits = reader.all_of(asked, 0)
    if enhanced and reader.constraints > _MOST:
        raise refused(f"a filter can have at most {_MOST} constraints")
    return fits


class _Reader:
    """Reads one filter, and counts its constraints."""

    def __init__(self, hidden: Collection[str], enhanced: bool) -> None:
        self.hidden = hidden
        self.enhanced = enhanced
        self.constraints = 0

    def all_of(self, asked: Any, depth: int) -> Fits:
        """A JSON object: everything in it must hold."""
        if not isinstance(asked, Mapping) or not asked:
            raise refused("a filter must be a non-empty JSON object")
        if depth > _DEEPEST:
            raise refused("it is nested too deeply")
        parts = [self._part(name, value, depth) for name, value in asked.items()]
        return _all(parts)

    def _part(self, name: str, value: Any, depth: int) -> Fits:
        if name in ("$and", "$or"):
            if not isinstance(value, Sequence) or isinstance(value, str) or not value:
                raise refused(f"{name} must be a non-empty array of filters")
            parts = [self.all_of(one, depth + 1) for one in value]
            return _all(parts) if name == "$and" else lambda metadata: any(part(metadata) for part in parts)
        if name.startswith("$"):
            raise refused(f"unknown operator {name}")
        if name in self.hidden:
            raise refused(f"metadata key '{name}' is not filterable")
        if not isinstance(value, Mapping):
            return self._constraint(name, "$eq", value)
        if not value:
            raise refused(f"no operator for metadata key '{name}'")
        return _all([self._constraint(name, sign, operand) for sign, operand in value.items()])

    def _constraint(self, key: str, sign: str, operand: Any) -> Fits:
        self.constraints += 1
        if sign == "$exists":
            if not isinstance(operand, bool):
                raise refused("$exists must be a boolean")
            return lambda metadata: (key in metadata) is operand
        if sign in ("$ne", "$nin"):
            fits = self._one(key, "$eq" if sign == "$ne" else "$in", operand)
            return lambda metadata: not fits(metadata)
        return self._one(key, sign, operand)

    def _one(self, key: str, sign: str, operand: Any) -> Fits:
        """What holds if one value of the key is as the operator says: of a list, any."""
        test = self._test(sign, operand)

        def fits(metadata: Metadata) -> bool:
            value = metadata.get(key)
            return any(map(test, value)) if isinstance(value, list) else value is not None and test(value)

        return fits

    def _test(self, sign: str, operand: Any) -> Callable[[Any], bool]:
        if sign == "$eq":
            return _among([operand], sign)
        if sign == "$in":
            if not isinstance(operand, Sequence) or isinstance(operand, str) or not operand:
                raise refused(f"{sign} must be a non-empty array of strings, numbers or booleans")
            return _among(operand, sign)
        if sign in _ORDER:
            if not _number(operand):
                raise refused(f"{sign} must be a number")
            compare = _ORDER[sign]
            return lambda value: _number(value) and compare(value, operand)
        if sign == "$startsWith" and self.enhanced:
            if not isinstance(operand, str):
                raise refused(f"{sign} must be a string")
            return lambda value: isinstance(value, str) and value.startswith(operand)
        if sign == "$startsWith":
            raise refused("$startsWith is only supported in ENHANCED mode")
        raise refused(f"unknown operator {sign}")


def _among(wanted: Sequence[Any], sign: str) -> Callable[[Any], bool]:
    """A boolean is no number here: true and 1 differ."""
    if not all(isinstance(one, (str, int, float)) for one in wanted):
        raise refused(f"{sign} takes strings, numbers and booleans")
    known = {(isinstance(one, bool), one) for one in wanted}
    return lambda value: (isinstance(value, bool), value) in known


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _all(parts: Sequence[Fits]) -> Fits:
    return parts[0] if len(parts) == 1 else lambda metadata: all(part(metadata) for part in parts)

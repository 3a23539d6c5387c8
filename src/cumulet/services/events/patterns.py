"""Event patterns: read, checked, and compiled once into a test of an event.

A pattern is a tree of field names over lists of conditions. Each field must have a value that meets one of its conditions;
`$or` takes several patterns of which one is enough. Where an event has an array of objects, one of them must meet all.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from .conditions import BadPattern, Scalar, condition, is_condition

Match = Callable[[Mapping[str, Any]], bool]


def read(text: str) -> Any:
    """JSON with its numbers as they are written: 300 and 300.0 are different to a pattern."""
    return json.loads(text, parse_float=Decimal)


@lru_cache(maxsize=4096)
def compiled(text: str) -> Match:
    """The test that a pattern makes of an event. Raises BadPattern."""
    try:
        pattern = read(text)
    except (ValueError, RecursionError):
        raise BadPattern("Filter is not a valid JSON") from None
    if not isinstance(pattern, dict):
        raise BadPattern("Filter is not an object")
    if not pattern:
        raise BadPattern("Empty objects are not allowed")
    return _object(pattern)


def _object(pattern: Mapping[str, Any]) -> Match:
    tests = [_field(name, rule) for name, rule in pattern.items()]
    return tests[0] if len(tests) == 1 else lambda event: all(test(event) for test in tests)


def _field(name: str, rule: Any) -> Match:
    if name == "$or" and _is_or(rule):
        options = [_object(each) for each in rule]
        return lambda event: any(option(event) for option in options)
    if isinstance(rule, dict):
        if not rule:
            raise BadPattern("Empty objects are not allowed")
        inner = _object(rule)
        return lambda event: any(inner(each) for each in _objects(event.get(name)))
    if not isinstance(rule, list):
        raise BadPattern(f'"{name}" must be an object or an array')
    if not rule:
        raise BadPattern("Empty arrays are not allowed")
    return _leaf(name, [condition(each) for each in rule])


def _leaf(name: str, conditions: list[Callable[[list[Scalar]], bool]]) -> Match:
    if len(conditions) == 1:
        only = conditions[0]
        return lambda event: only(_scalars(event.get(name, _ABSENT)))
    return lambda event: any(test(_scalars(event.get(name, _ABSENT))) for test in conditions)


_ABSENT: dict[str, Any] = {}


def _is_or(rule: Any) -> bool:
    """Alternatives are two patterns or more; a list of conditions belongs to a field that is called `$or`."""
    return (isinstance(rule, list) and len(rule) > 1
            and all(isinstance(each, dict) and each and not is_condition(each) for each in rule))


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """What a nested pattern looks into; where there is nothing, an empty object (`exists: false` holds there)."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list) and any(isinstance(each, (dict, list)) for each in value):
        for each in value:
            if isinstance(each, (dict, list)):
                yield from _objects(each)
    else:
        yield {}


def _scalars(value: Any) -> list[Scalar]:
    """The values of a field: one, those of an array, or none where it is absent or an object."""
    if isinstance(value, list):
        return [scalar for each in value for scalar in _scalars(each)]
    return [] if isinstance(value, dict) else [value]

"""Requests in JSON at one go: msgspec parses them, and checks types, lengths and what is required, by types made of the shapes.

It only ever says yes: where anything is wrong or out of the ordinary (a null, say), `jsons` and `validation` read the request
again and find the words for it. So a shape that takes more than a type to be read or checked needs none here. The texts of
members that the model does not know are not looked into.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import GenericAlias
from typing import Annotated, Any, Literal, TypedDict

import msgspec

from .compiling import Compiler
from .patterns import matcher
from .scalars import LIMITS
from .validation import Policy

Decode = Callable[[bytes], dict[str, Any]]
REFUSED = (msgspec.MsgspecError, UnicodeDecodeError)
_LONGEST = 500                         # of patterns
_empty: Any = TypedDict                # these two are given what the models say, which type checkers cannot know
_one_of: Any = Literal.__getitem__


class _NoType(Exception):
    """A shape says what no type does."""


class Types(Compiler):
    """From shapes to types. policy: what of the model the service holds to."""

    traits = ("enum",)

    def __init__(self, model: Any, policy: Policy) -> None:
        super().__init__(model)
        self._lax = policy.only_required

    def decoder(self, ref: dict[str, Any]) -> Decode | None:
        """body → members, or a REFUSED; None when a shape has no type."""
        try:
            return msgspec.json.Decoder(self.of(ref)).decode
        except _NoType:
            self._made.clear()                                   # some of it is not whole
            return None

    def of(self, ref: dict[str, Any]) -> Any:
        key = (ref["shape"], str(ref.get("enum")))
        if key not in self._made:
            shape = self.shape(ref)
            if shape.get("document") or shape.get("eventstream"):
                raise _NoType
            if shape["type"] == "structure":                     # it may hold itself
                self._made[key] = made = _empty(ref["shape"], {})
                self._fill(made, shape)
            else:
                self._made[key] = getattr(self, shape["type"])(shape)
        return self._made[key]

    def _fill(self, made: Any, shape: dict[str, Any]) -> None:
        members = shape["members"]
        if any("location" in ref or self.named(ref, name) != name for name, ref in members.items()):
            raise _NoType
        made.__annotations__ = {name: self.of(ref) for name, ref in members.items()}
        made.__required_keys__ = frozenset(shape.get("required", ()))
        made.__optional_keys__ = members.keys() - made.__required_keys__

    def list(self, shape: dict[str, Any]) -> Any:
        if "sparse" in shape:
            raise _NoType
        return self._long(GenericAlias(list, (self.of(shape["member"]),)), shape)

    def map(self, shape: dict[str, Any]) -> Any:
        if "sparse" in shape:
            raise _NoType
        return self._long(GenericAlias(dict, (self.of(shape["key"]), self.of(shape["value"]))), shape)

    def string(self, shape: dict[str, Any]) -> Any:
        if self._lax:
            return str
        if shape.get("enum"):
            return _one_of(tuple(shape["enum"]))
        match = matcher(shape["pattern"]) if shape.get("pattern") else None
        if match is None:
            return self._long(str, shape)
        expression = getattr(match, "__self__", None)
        if not isinstance(expression, re.Pattern) or match != expression.fullmatch or expression.flags != re.UNICODE \
                or len(expression.pattern) > _LONGEST:
            raise _NoType                                        # of its own kind, or slow to compile anew
        return self._long(str, shape, rf"\A(?:{expression.pattern})\Z")

    def blob(self, shape: dict[str, Any]) -> Any:
        return self._long(bytes, shape)

    def _long(self, kind: Any, shape: dict[str, Any], pattern: str | None = None) -> Any:
        """With the bounds of its length."""
        low, high = shape.get("min") or None, shape.get("max")
        if self._lax or (low is None and high is None and pattern is None):
            return kind
        return Annotated[kind, msgspec.Meta(min_length=low, max_length=high, pattern=pattern)]

    def integer(self, shape: dict[str, Any]) -> Any:
        low, high = LIMITS[shape["type"]]
        if not self._lax:
            low, high = max(low, shape.get("min", low)), min(high, shape.get("max", high))
        return Annotated[int, msgspec.Meta(ge=low, le=high)]

    long = integer

    def boolean(self, shape: dict[str, Any]) -> Any:
        return bool

    def float(self, shape: dict[str, Any]) -> Any:
        low, high = shape.get("min"), shape.get("max")
        return float if self._lax or low is high is None else Annotated[float, msgspec.Meta(ge=low, le=high)]

    double = float

    def timestamp(self, shape: dict[str, Any]) -> Any:
        raise _NoType

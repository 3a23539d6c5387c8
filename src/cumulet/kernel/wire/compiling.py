"""Turning shapes into functions, each once: what the compilers of all protocols have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .model import Model

Fn = Callable[[Any], Any]


class Compiler:
    """Subclasses have a method for each type of shape that gives a function of one value."""

    # The traits of a member that make another function of the same shape.
    traits: tuple[str, ...] = ("timestampFormat", "jsonvalue")

    def __init__(self, model: Model) -> None:
        self.model = model
        self._made: dict[tuple[Any, ...], Fn] = {}

    def of(self, ref: dict[str, Any]) -> Fn:
        """The function for a member (or shape reference)."""
        key = (ref["shape"], *(str(ref.get(trait)) for trait in self.traits))
        found = self._made.get(key)
        if found is None:
            later: list[Fn] = []
            self._made[key] = lambda value: later[0](value)          # for shapes that hold themselves
            shape = self.shape(ref)
            found = getattr(self, "document" if shape.get("document") else shape["type"])(shape)
            later.append(found)
            self._made[key] = found
        return found

    def shape(self, ref: dict[str, Any]) -> dict[str, Any]:
        """The shape that a reference names, with the reference's own traits over it."""
        return {**self.model.shapes[ref["shape"]], **ref}

    def named(self, ref: dict[str, Any], name: str) -> str:
        """The name on the wire: the reference's, the shape's, or that of the member."""
        said = ref.get("locationName")
        if said is None:
            said = self.model.shapes[ref["shape"]].get("locationName", name)
        return str(said)

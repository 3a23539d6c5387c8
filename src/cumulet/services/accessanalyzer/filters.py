"""Criteria of archive rules and listings, and the order of findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import error

from .resources import Finding

_KEYS = ("id", "resource", "resourceType", "resourceOwnerAccount", "status", "isPublic", "findingType", "error", "createdAt",
         "updatedAt", "analyzedAt", "principal.", "condition.", "action")


def check(said: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A filter that can be asked."""
    for key, criterion in said.items():
        if not any(key == name or (name.endswith(".") and key.startswith(name)) for name in _KEYS):
            raise error.ValidationException(f"The filter key {key} is not supported.", reason="fieldValidationFailed")
        if not criterion:
            raise error.ValidationException(f"The criterion of {key} is empty.", reason="fieldValidationFailed")
    return {key: dict(criterion) for key, criterion in said.items()}


def meets(row: Finding, said: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a finding meets all criteria."""
    facts = _facts(row)
    return all(_one(facts.get(key, []), criterion) for key, criterion in said.items())


def place(row: Finding, by: str) -> tuple[str, str]:
    """Where a finding stands in an order."""
    moments = {"createdAt": row.created, "updatedAt": row.updated, "analyzedAt": row.analyzed}
    texts = {"resource": row.resource, "resourceType": row.resource_type, "status": row.status}
    return (f"{moments[by]:020.6f}" if by in moments else texts.get(by, row.id)), row.id


def _facts(row: Finding) -> dict[str, list[str]]:
    facts = {"id": [row.id], "resource": [row.resource], "resourceType": [row.resource_type], "status": [row.status],
             "resourceOwnerAccount": [row.owner], "isPublic": ["true" if row.public else "false"], "findingType": [row.kind],
             "createdAt": [str(row.created)], "updatedAt": [str(row.updated)], "analyzedAt": [str(row.analyzed)],
             "action": row.action}
    facts |= {f"principal.{kind}": [name] for kind, name in row.principal.items()}
    return facts | {f"condition.{key}": value.split(",") for key, value in row.condition.items()}


def _one(has: list[str], criterion: Mapping[str, Any]) -> bool:
    wanted = {name: [value.lower() for value in values] for name, values in criterion.items() if isinstance(values, list)}
    low = [value.lower() for value in has]
    return (("eq" not in wanted or any(value in wanted["eq"] for value in low))
            and ("neq" not in wanted or not any(value in wanted["neq"] for value in low))
            and ("contains" not in wanted or any(part in value for value in low for part in wanted["contains"]))
            and ("exists" not in criterion or bool(has) == criterion["exists"]))

"""Registries in policies: a registry's own policy counts for it and for its schemas."""

from __future__ import annotations

from cumulet.kernel import Call, Guard, parse_arn

from .resources import Registry, Schema


def guard(call: Call, arn: str) -> Guard | None:
    """The registry's policy, and the tags of what is asked for."""
    parts = parse_arn(arn)
    kind, _, name = (parts.resource if parts else "").partition("/")
    if kind not in ("registry", "schema"):
        return None
    folder, _, schema = name.partition("/")
    registry = call.table(Registry).known(folder)
    if registry is None:
        return None
    row = call.table(Schema).known(folder, schema) if schema else registry
    policies = (("registry policy", registry.policy),) if registry.policy else ()
    return Guard(call.account, policies, tags=tuple(row.tags.items()) if row is not None else ())

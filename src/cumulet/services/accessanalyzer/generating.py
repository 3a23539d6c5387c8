"""A policy from what was observed: the least that allows it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from .catalogue import arns


def policy(uses: Iterable[tuple[str, str]], placeholders: bool) -> str:
    """A document with a statement for each set of resources. placeholders: ARNs with variables to fill in."""
    wanted: dict[tuple[str, ...], list[str]] = {}
    for service, action in sorted(uses):
        name, about = arns(service).get(action.lower(), ("", ()))
        if name:
            wanted.setdefault((about if placeholders else ()) or ("*",), []).append(f"{service}:{name}")
    return msgspec.json.encode({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": actions, "Resource": list(resources) if resources != ("*",) else "*"}
        for resources, actions in wanted.items()]}).decode()

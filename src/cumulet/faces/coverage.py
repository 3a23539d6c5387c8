"""What works, counted member by member: what the services promise, and what the tests really sent over the wire.

The promise is read from the operations' parameters; what was tested is in `coverage.json`, which `make coverage` writes
from a test run. A grade is computed, never claimed:

bronze: every promised member was sent in a test and answered with success.
silver: also every error that the models name for these operations was answered in a test, and every operation of the
model is there. (What is above silver asks for things that are not built yet; nothing reaches it.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

import msgspec

from ..kernel import wire
from ..kernel.catalog import Catalog
from ..kernel.promise import BY_HABIT, Promise

# Members that the kernel takes for every operation: what SDKs send by habit, and EC2's question whether it would work.
OF_THE_KERNEL = BY_HABIT | {"DryRun"}


class Seen(msgspec.Struct):
    """What the tests saw of one operation: members that were in successful calls, errors that were answered."""

    members: set[str] = msgspec.field(default_factory=set)
    errors: set[str] = msgspec.field(default_factory=set)


Tested = dict[str, dict[str, Seen]]         # model → operation → what was seen


def recorded() -> Tested:
    """What the last recorded test run saw."""
    file = resources.files("cumulet") / "coverage.json"
    return msgspec.json.decode(file.read_bytes(), type=Tested) if file.is_file() else {}


def measure(services: Iterable[str] = (), tested: Tested | None = None) -> dict[str, dict[str, Any]]:
    """The coverage of some services (by their models' names) or of all that are there. Unknown names are left out."""
    tested = recorded() if tested is None else tested
    catalog = Catalog(lambda kinds: None)
    names = list(services) or sorted(catalog.apis)
    return {name: _service(catalog, name, tested.get(name, {})) for name in names if name in catalog.apis}


def _service(catalog: Catalog, name: str, tested: Mapping[str, Seen]) -> dict[str, Any]:
    model = wire.model(name)
    promises = catalog.load(name).operations[name]
    newer = _newer(model.operations)
    service = catalog.declared[catalog.apis[name]]
    operations = {op: _operation(promises.get(newer.get(op, op)), model.operations[op], tested.get(newer.get(op, op)))
                  for op in sorted(model.operations)}
    there = [o for o in operations.values() if o["implemented"]]
    return {
        "total": len(operations),
        "implemented": len(there),
        "tested": sum(o["tested"] for o in there),
        "missing": {op: service.why_absent(op) for op, o in operations.items() if not o["implemented"]},
        "grade": _grade(operations),
        "members": {"total": sum(o["members"] for o in operations.values()),
                    "promised": sum(len(o["promised"]) for o in there),
                    "tested": sum(len(o["promised"]) - len(o["untested"]) for o in there)},
        "operations": operations,
    }


def _newer(operations: Mapping[str, Any]) -> dict[str, str]:
    """Old operation → the one that took over its address (PutBucketLifecycle → PutBucketLifecycleConfiguration), and so answers
    who still calls it."""
    current = {_address(op): name for name, op in operations.items() if not op.raw.get("deprecated")}
    return {name: current[_address(op)] for name, op in operations.items()
            if op.raw.get("deprecated") and _address(op) in current}


def _address(operation: Any) -> tuple[str, str]:
    http = operation.raw.get("http", {})
    # The operations of RPC protocols all have one address, and are told apart by name.
    where = http.get("requestUri", "/")
    return http.get("method", ""), where if where != "/" else operation.name


def _operation(promise: Promise | None, model: Any, seen: Seen | None) -> dict[str, Any]:
    promised = promise.promised if promise else frozenset()
    accepted = (promise.accepted | OF_THE_KERNEL) & model.members if promise else frozenset()
    members, errors = (seen.members, seen.errors) if seen else (set(), set())
    return {
        "implemented": promise is not None,
        "tested": promise is not None and seen is not None,
        "members": len(model.members),
        "promised": sorted(promised),
        "accepted": sorted(accepted),
        "absent": sorted(model.members - promised - accepted),
        "untested": sorted(promised - members),
        "errors_unseen": sorted(model.errors - errors),
    }


def _grade(operations: Mapping[str, Mapping[str, Any]]) -> str:
    there = [o for o in operations.values() if o["implemented"]]
    if not there or any(o["untested"] or not o["tested"] for o in there):
        return "none"
    whole = len(there) == len(operations) and not any(o["errors_unseen"] or o["absent"] for o in there)
    return "silver" if whole else "bronze"

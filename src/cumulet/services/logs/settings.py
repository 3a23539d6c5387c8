"""How groups and the account are set: policies, lookup tables, detectors, destinations, deliveries."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import stored

PROTECTION, INDEX, TRANSFORMER = "DATA_PROTECTION_POLICY", "FIELD_INDEX_POLICY", "TRANSFORMER_POLICY"
SUBSCRIPTION, RETENTION = "SUBSCRIPTION_FILTER_POLICY", "RETENTION_POLICY"


@stored(key=("group", "kind"))
class GroupPolicy(msgspec.Struct, kw_only=True):
    """What a group is set to itself. kind: as account policies are called.  document: JSON."""

    group: str
    kind: str
    document: str
    created: float
    modified: float


@stored(key=("kind", "name"))
class AccountPolicy(msgspec.Struct, kw_only=True):
    """What groups of the account are set to, where they say nothing themselves. criteria: which groups; "" for all."""

    kind: str
    name: str
    document: str
    criteria: str
    created: float
    modified: float


@stored(key=("name",))
class LookupTable(msgspec.Struct, kw_only=True):
    """Reference data for queries. body: CSV with a header."""

    name: str
    description: str | None
    body: str
    fields: list[str]
    records: int
    created: float
    modified: float
    tags: dict[str, str] = {}


@stored(key=("id",))
class AnomalyDetector(msgspec.Struct, kw_only=True):
    """Who wants to hear of what is unusual in a group. looked: what came until then, in milliseconds, was looked at."""

    id: str
    name: str | None
    group: str
    frequency: str
    pattern: str | None
    days: int
    enabled: bool
    created: float
    modified: float
    trained: bool = False
    looked: int = -1
    tags: dict[str, str] = {}


@stored(key=("name",))
class Destination(msgspec.Struct, kw_only=True):
    """A name for a stream, to which other accounts may subscribe their groups."""

    name: str
    target: str
    role: str
    created: float
    policy: str | None = None
    tags: dict[str, str] = {}


@stored(key=("name",))
class DeliverySource(msgspec.Struct, kw_only=True):
    """What sends logs. kind: which logs."""

    name: str
    resource: str
    kind: str
    tags: dict[str, str] = {}


@stored(key=("name",))
class DeliveryDestination(msgspec.Struct, kw_only=True):
    """Where logs go. kind: S3 or CWL."""

    name: str
    kind: str
    target: str
    format: str
    policy: str | None = None
    tags: dict[str, str] = {}


@stored(key=("id",), indexes={"source": ("source", "id")})
class Delivery(msgspec.Struct, kw_only=True):
    """A source and a destination. suffix: of an object's key in a bucket."""

    id: str
    source: str
    destination: str
    fields: list[str]
    delimiter: str | None
    suffix: str | None
    hive: bool | None
    tags: dict[str, str] = {}


@stored(key=("one",))
class StorageTier(msgspec.Struct, kw_only=True):
    """The account's choice of a storage tier."""

    one: str
    tier: str
    modified: float


@stored(key=("group", "endpoint"), indexes={"endpoint": ("endpoint", "group")})
class SyslogConfiguration(msgspec.Struct, kw_only=True):
    """A group that takes the syslog which comes by a VPC endpoint."""

    group: str
    endpoint: str
    created: float


@stored(key=("endpoint",))
class SyslogPort(msgspec.Struct, kw_only=True):
    """The port on this machine that stands for a VPC endpoint, so that it is the same one after a restart."""

    endpoint: str
    port: int


def shown(row: Any) -> dict[str, Any]:
    """When a row was made and changed, in milliseconds."""
    return {"creationTime": int(row.created * 1000), "lastModifiedTime": int(row.modified * 1000)}

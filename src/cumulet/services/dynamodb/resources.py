"""What exists in DynamoDB: tables; and the rows behind them: entries of tables and indexes, expiries, streams, tokens.

A table's rows are found by its number, never by its name, so a deleted table is gone at once and its rows are swept later.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, by, fixed, resource, stored


@resource("AWS::DynamoDB::Table", id="TableName", arn="arn:{partition}:dynamodb:{region}:{account}:table/{TableName}",
          missing="ResourceNotFoundException", missing_message="Requested resource not found: Table: {id} not found",
          verbs=Verbs(read="DescribeTable"), tags=Tagging("TagResource", "UntagResource", "ListTagsOfResource"),
          columns=("TableName", "BillingMode", "created"), returns={"Arn": "arn", "StreamArn": "stream_arn"})
class Table(Resource, kw_only=True):
    """A table as its owner described it. Indexes are as CreateTable takes them."""

    TableName: Annotated[str, fixed]
    KeySchema: Annotated[list[dict[str, str]], fixed]
    AttributeDefinitions: list[dict[str, str]] = []
    BillingMode: str = "PROVISIONED"
    ProvisionedThroughput: dict[str, int] | None = None
    GlobalSecondaryIndexes: list[dict[str, Any]] = []
    LocalSecondaryIndexes: Annotated[list[dict[str, Any]], fixed] = []
    StreamSpecification: dict[str, Any] | None = None
    OnDemandThroughput: dict[str, int] | None = None
    WarmThroughput: dict[str, int] | None = None
    TableClass: str = "STANDARD"
    DeletionProtectionEnabled: bool = False
    TimeToLiveSpecification: Annotated[dict[str, Any] | None, by("UpdateTimeToLive", read="DescribeTimeToLive")] = None
    PointInTimeRecoverySpecification: Annotated[
        dict[str, Any] | None, by("UpdateContinuousBackups", read="DescribeContinuousBackups")] = None
    KinesisStreamSpecification: Annotated[dict[str, str] | None, by(           # the first stream that hears of it
        "EnableKinesisStreamingDestination", unset="DisableKinesisStreamingDestination", anew=True, entries=(
            "StreamArn", "EnableKinesisStreamingConfiguration.ApproximateCreationDateTimePrecision"))] = None
    number: int = 0
    identity: str = ""                   # TableId
    stream_arn: str | None = None        # of its latest stream
    on_demand_since: float = 0.0
    key_arn: str = ""                    # of the KMS key that it is under; "" is the service's own
    grant: str = ""                      # by which DynamoDB may use a customer's key
    inaccessible_since: float = 0.0      # when that key was found not to be usable
    vector_indexes: list[dict[str, Any]] = []    # as CreateTable takes them
    origin: dict[str, Any] | None = None         # RestoreSummary of a table that was restored
    replicas: list[str] = []             # the other regions of a global table
    leaves: bool = False                 # disassociation protection is off
    global_version: str = ""             # of global tables: "2019.11.21", "2017.11.29", "" for a table of one region


class Index(msgspec.Struct, frozen=True, array_like=True):
    """A secondary index, as items need to know it.

    attributes: what INCLUDE adds.  ready: False while it is being filled.  more_hash, more_sort: further attributes of its key
    with their types, of a global one with several in one key (compound.py).
    """

    name: str
    number: int
    hash: str
    hash_kind: str
    sort: str
    sort_kind: str
    projection: str
    attributes: tuple[str, ...]
    wide: bool                           # global
    ready: bool = True
    more_hash: tuple[tuple[str, str], ...] = ()
    more_sort: tuple[tuple[str, str], ...] = ()


class VectorIndex(msgspec.Struct, frozen=True, array_like=True):
    """A vector index, as items need to know it. function: COSINE, EUCLIDEAN or DOT_PRODUCT.  hash: "" without a partition key.
    filters: further attributes that a search may ask for."""

    name: str
    number: int
    attribute: str
    dimensions: int
    function: str
    hash: str
    filters: tuple[str, ...]
    projection: str
    attributes: tuple[str, ...]
    ready: bool = True


class Limit(msgspec.Struct, frozen=True, array_like=True):
    """The most units a second of a table (index "") or global index; -1 is unlimited. place: its number.

    provisioned: they are what was provisioned, else the maximum of a table on demand.
    """

    place: int
    index: str
    reads: int
    writes: int
    provisioned: bool = False


class Feed(msgspec.Struct, frozen=True, array_like=True):
    """A Kinesis stream that hears of each change (feeds.py). fine: moments are told in microseconds, else in milliseconds."""

    number: int
    fine: bool


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What a call on items needs to know of a table. sort: "" without a sort key.  view, ttl: "" when off."""

    hash: str
    hash_kind: str
    sort: str
    sort_kind: str
    indexes: tuple[Index, ...] = ()
    stream: int = 0                      # the number of its stream, 0 when off
    view: str = ""
    ttl: str = ""
    kept: bool = False                   # old images are kept (Journal)
    state: str = ""                      # "" is ACTIVE; CREATING while a restore or an import brings items in
    guarded: bool = False                # it has a resource policy
    regions: tuple[str, ...] = ()        # the other regions of a global table
    limits: tuple[Limit, ...] = ()       # the most that it, and its global indexes, let in
    sealed: bool = False                 # under a key of KMS, which must be there (encryption.py)
    counted: bool = False                # accesses to its keys, or to those of an index, are counted (insights.py)
    vectors: tuple[VectorIndex, ...] = ()
    feeds: tuple[Feed, ...] = ()

    @property
    def plain(self) -> bool:
        """Nothing follows from a write but the write."""
        return not (self.indexes or self.stream or self.ttl or self.kept or self.limits or self.regions or self.counted
                    or self.vectors or self.feeds)

    @property
    def filling(self) -> bool:
        """An index is being filled."""
        return not (all(index.ready for index in self.indexes) and all(index.ready for index in self.vectors))


@stored(key=("name",))
class Layout(msgspec.Struct, gc=False):
    """A table's number and its Facts: the one small row that every call on items reads."""

    name: str
    number: int
    facts: bytes


@stored(key=("place", "hash", "sort", "tie"))
class Entry(msgspec.Struct, gc=False):
    """An item in a table or (as far as projected) in an index. body: its JSON, as it goes over the wire.

    place: the number of the table or index.  hash, sort: keys in an encoding whose bytes are in order; hash begins with a
    checksum, which spreads a scan.  tie: in an index, the key of the item in its table.
    """

    place: int
    hash: bytes
    sort: bytes
    tie: bytes
    size: int
    body: bytes


@stored(key=("table", "at", "index", "hash", "sort", "gone_hash", "gone_sort"))
class Late(msgspec.Struct, gc=False):
    """A change of an item that a global index does not know of yet. table, index: their numbers.  hash, sort: the item's key.

    gone_hash, gone_sort: the key that it had in the index before; empty when it did not stand there.
    """

    table: int
    at: float
    index: int
    hash: bytes
    sort: bytes
    gone_hash: bytes
    gone_sort: bytes


@stored(key=("place", "at", "hash", "sort"))
class Expiry(msgspec.Struct, gc=False):
    """When an item's time to live ends."""

    place: int
    at: int
    hash: bytes
    sort: bytes


@stored(key=("name",))
class Counter(msgspec.Struct):
    """Numbers given out: of tables and indexes, and of streams. Never given twice."""

    name: str
    value: int


@stored(key=("number",), indexes={"table": ("table", "label")})
class Stream(msgspec.Struct, kw_only=True):
    """A stream, which outlives its table (or its being switched off) by a day."""

    number: int
    table: str
    label: str
    view: str
    keys: list[dict[str, str]]
    created: float
    ended: float = 0.0
    last: int = 0                        # the last sequence number, once ended


@stored(key=("stream",))
class Tail(msgspec.Struct, gc=False):
    """Where a stream is written on: the number of its last record."""

    stream: int
    last: int
    swept: bool = False                  # a timer waits to trim it


@stored(key=("stream", "sequence"))
class Record(msgspec.Struct, gc=False):
    """One change, as GetRecords tells it."""

    stream: int
    sequence: int
    at: float
    body: bytes


@stored(key=("token",), indexes={"at": ("at",)})
class Token(msgspec.Struct, gc=False):
    """A client request token of TransactWriteItems, good for ten minutes. request: a digest of what was asked."""

    token: str
    at: float
    request: bytes


@stored(key=("resource",))
class Policy(msgspec.Struct):
    """The resource policy of a table (`table/name`) or of a stream (`table/name/stream/label`)."""

    resource: str
    text: str
    revision: str


@stored(key=("place", "hash", "sort"), indexes={"gone": ("gone", "place", "hash", "sort")})
class Version(msgspec.Struct, gc=False):
    """When and in which region an item of a global table was written last. gone: when it was deleted, if it was."""

    place: int
    hash: bytes
    sort: bytes
    at: float
    region: str
    gone: float | None = None


@stored(key=("place", "hash", "sort"))
class Pending(msgspec.Struct, gc=False):
    """An item that the other regions of its table must still be told."""

    place: int
    hash: bytes
    sort: bytes


@stored(key=("name",), scope="account")
class GlobalTable(msgspec.Struct):
    """A global table of version 2017.11.29: tables of one name that were joined by hand."""

    name: str
    regions: list[str]
    created: float


@stored(key=("place", "hash"))
class Collection(msgspec.Struct, gc=False):
    """How many bytes the items of one partition key take in a table and its local indexes."""

    place: int
    hash: bytes
    size: int


@stored(key=("table", "index"), indexes={"place": ("place",)})
class Insight(msgspec.Struct, kw_only=True):
    """Contributor insights of a table (index "") or global index. place: its number.  mode: "" when they are off.

    rules: their names in CloudWatch, by kind.  changed: when they were switched last.
    """

    table: str
    index: str
    place: int
    mode: str
    rules: dict[str, str]
    changed: float


@stored(key=("place", "hash", "tie"))
class Embedding(msgspec.Struct, gc=False):
    """An item in a vector index. hash: its partition key there, empty without one.  vector: 32-bit floats.  tie, size, body: as
    of an Entry."""

    place: int
    hash: bytes
    tie: bytes
    vector: bytes
    size: int
    body: bytes

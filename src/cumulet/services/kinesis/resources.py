"""What exists in Kinesis: streams, their shards, and the records in these."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, by, fixed, member, resource, stored


@resource("AWS::Kinesis::Stream", id="Name", arn="arn:{partition}:kinesis:{region}:{account}:stream/{Name}",
          missing="ResourceNotFoundException", missing_message="Stream {id} not found.",
          verbs=Verbs(read="DescribeStreamSummary", update="none"),
          tags=Tagging("AddTagsToStream", "RemoveTagsFromStream", "ListTagsForStream"),
          columns=("Name", "StreamModeDetails", "RetentionPeriodHours", "created"), returns={"Arn": "arn"})
class Stream(Resource, kw_only=True):
    """A stream. What is written to it lies in its shards."""

    Name: Annotated[str, fixed, member("StreamName")]
    ShardCount: Annotated[int | None, by("UpdateShardCount", path="TargetShardCount",
                                         also=(("ScalingType", "UNIFORM_SCALING"),))] = None      # None on demand
    StreamModeDetails: Annotated[dict[str, str] | None, by("UpdateStreamMode")] = None
    RetentionPeriodHours: Annotated[int, by("IncreaseStreamRetentionPeriod", lower="DecreaseStreamRetentionPeriod")] = 24
    MaxRecordSizeInKiB: Annotated[int, by("UpdateMaxRecordSize")] = 1024
    WarmThroughputMiBps: Annotated[int | None, by("UpdateStreamWarmThroughput")] = None
    StreamEncryption: Annotated[dict[str, str] | None, by("StartStreamEncryption", unset="StopStreamEncryption",
                                                          entries=("EncryptionType", "KeyId"))] = None
    metrics: list[str] = []            # of each shard, that CloudWatch is told
    scattered: bool = False            # records are spread over its shards, whatever their keys are
    sealed: list[float] = []           # when it got a new key
    scaled: list[float] = []           # when its shards were last counted anew
    switched: list[float] = []         # when its mode changed last
    guarded: bool = False              # it has a resource policy
    growing: bool = False              # it will have more shards in a while
    horizon: float = 0.0               # what is older is gone, even if a longer retention would reach it

    @property
    def on_demand(self) -> bool:
        """Whether its capacity is nobody's business."""
        return (self.StreamModeDetails or {}).get("StreamMode") == "ON_DEMAND"


@stored(auto="number", indexes={"stream": ("stream", "index"), "open": ("stream", "closed", "start")})
class Shard(msgspec.Struct, kw_only=True):
    """A shard: the hash keys from `start` to `end` (sixteen bytes each) while it is open. Shards change seldom, so that every
    write knows them without asking.

    index: which one of its stream's.  parent, adjacent: indexes of what it was split from or merged of; -1 for none.
    first: the position of its first record.  last: of its last one, once closed.
    """

    stream: str
    index: int
    start: bytes
    end: bytes
    parent: int = -1
    adjacent: int = -1
    first: int = 1
    last: int = 0
    opened: float
    closed: float = 0.0                # when it was closed; 0 while it is open
    number: int = 0


@stored(key=("shard",), refers={"shard": "kinesis_shard"})
class Tail(msgspec.Struct, gc=False):
    """Where a shard is written on: the position of its last record."""

    shard: int
    last: int
    swept: bool = False                # a timer waits to trim it


@stored(key=("shard", "position"), refers={"shard": "kinesis_shard"})
class Record(msgspec.Struct, gc=False):
    """One record. key: its partition key.  sealed: 1 when its data is encrypted (encryption.py)."""

    shard: int
    position: int
    at: float
    key: str
    data: bytes
    sealed: int = 0


@resource("AWS::Kinesis::StreamConsumer", id="ConsumerARN", arn="arn:{partition}:kinesis:{region}:{account}:stream/{path}",
          missing="ResourceNotFoundException", missing_message="Consumer {id} not found.",
          verbs=Verbs(create="RegisterStreamConsumer", read="DescribeStreamConsumer", update="none",
                      delete="DeregisterStreamConsumer", list="ListStreamConsumers"),
          tags=Tagging("TagResource", "UntagResource", "ListTagsForResource"),
          columns=("ConsumerName", "StreamARN", "created"), indexes={"stream": ("StreamARN", "ConsumerName")})
class Consumer(Resource, kw_only=True):
    """A consumer of a stream with throughput of its own."""

    ConsumerARN: Annotated[str, fixed] = ""
    StreamARN: Annotated[str, fixed]
    ConsumerName: Annotated[str, fixed]
    path: str                          # the last part of its ARN
    guarded: bool = False              # it has a resource policy


@stored(key=("shard", "consumer"), indexes={"consumer": ("consumer",)}, refers={"shard": "kinesis_shard"})
class Subscription(msgspec.Struct):
    """The latest subscription of a consumer (its ARN) to a shard. token: what tells it from the ones before."""

    shard: int
    consumer: str
    token: str
    since: float


@stored(key=("arn",))
class Policy(msgspec.Struct):
    """The resource policy of a stream or a consumer."""

    arn: str
    text: str


@stored(key=("name",))
class Commitment(msgspec.Struct):
    """That the account pays for a minimum of throughput. ends: when it has ended or will; 0 while nobody has ended it."""

    name: str
    started: float
    ends: float = 0.0


Doc = dict[str, Any]

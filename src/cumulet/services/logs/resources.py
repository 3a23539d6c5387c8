"""What exists in CloudWatch Logs: groups and streams; and the blocks that hold their events."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, by, fixed, member, resource, stored

_MISSING_GROUP = "The specified log group does not exist."


@resource("AWS::Logs::LogGroup", id="LogGroupName", arn="arn:{partition}:logs:{region}:{account}:log-group:{LogGroupName}",
          missing="ResourceNotFoundException", missing_message=_MISSING_GROUP,
          verbs=Verbs(read="DescribeLogGroups", list="DescribeLogGroups"),
          tags=Tagging("TagResource", "UntagResource", "ListTagsForResource"),
          columns=("LogGroupName", "LogGroupClass", "RetentionInDays", "created"), returns={"Arn": "wide"},
          delete_after=("AWS::Logs::LogStream",), refers={"number": "logs_numbered", "data_key": "logs_data_key"})
class LogGroup(Resource, kw_only=True):
    """A group. number: what its rows are known by. wide: its ARN as policies want it, with `:*`."""

    LogGroupName: Annotated[str, fixed, member("logGroupName")]
    LogGroupClass: Annotated[str, fixed, member("logGroupClass")] = "STANDARD"
    KmsKeyId: Annotated[str | None, by("AssociateKmsKey", path="kmsKeyId", unset="DisassociateKmsKey")] = None
    RetentionInDays: Annotated[int | None, by("PutRetentionPolicy", path="retentionInDays",
                                              unset="DeleteRetentionPolicy")] = None
    DeletionProtectionEnabled: Annotated[bool, member("deletionProtectionEnabled")] = False
    BearerTokenAuthenticationEnabled: Annotated[bool, by("PutBearerTokenAuthentication",
                                                         path="bearerTokenAuthenticationEnabled")] = False
    number: int = 0
    wide: str = ""
    metric_filters: int = 0
    subscription_filters: int = 0
    data_key: int = 0                  # the DataKey of what comes now; 0 without a KMS key


@resource("AWS::Logs::LogStream", id=("LogGroupName", "LogStreamName"),
          arn="arn:{partition}:logs:{region}:{account}:log-group:{LogGroupName}:log-stream:{LogStreamName}",
          missing="ResourceNotFoundException", missing_message="The specified log stream does not exist.",
          verbs=Verbs(read="DescribeLogStreams", list="DescribeLogStreams"), tags="CloudWatch Logs has no tags on streams.",
          columns=("LogGroupName", "LogStreamName", "created"), refers={"number": "logs_tally"})
class LogStream(Resource, kw_only=True):
    """A stream of one group. number: its tally's."""

    LogGroupName: Annotated[str, fixed, member("logGroupName")]
    LogStreamName: Annotated[str, fixed, member("logStreamName")]
    number: int = 0


@stored(auto="number")
class Numbered(msgspec.Struct, kw_only=True):
    """Gives a group its number."""

    name: str
    number: int = 0


@stored(auto="number", indexes={"group": ("group", "number"), "recent": ("group", "last")},
        refers={"group": "logs_numbered", "levels": "logs_block"})
class Tally(msgspec.Struct, kw_only=True):
    """What a stream holds: written with each batch. Times in milliseconds.

    next: the sequence number of its next event.  levels: its small blocks by size, which are merged once they are many.
    """

    group: int
    name: str
    first: int | None = None
    last: int = 0
    ingested: int | None = None
    size: int = 0
    next: int = 0
    levels: list[list[int]] = []
    number: int = 0


@stored(auto="id", indexes={"group": ("group", "first"), "stream": ("stream", "first"), "recent": ("stream", "last")},
        refers={"group": "logs_numbered", "stream": "logs_tally", "key": "logs_data_key"})
class Block(msgspec.Struct, kw_only=True):
    """Events of one stream in the order of their arrival, compressed. first, last: the earliest and latest, in milliseconds.

    At most 24 hours lie between them. base: the sequence number of its first event.  key: the DataKey that it is
    encrypted under, 0 for none.  merged: it was made of others.
    """

    group: int
    stream: int
    first: int
    last: int
    count: int
    size: int
    base: int
    key: int
    data: bytes
    merged: bool = False
    id: int = 0


@stored(auto="id", indexes={"group": ("group", "id")}, refers={"group": "logs_numbered"})
class DataKey(msgspec.Struct, kw_only=True):
    """A data key of a group's KMS key, encrypted by it."""

    group: int
    arn: str
    sealed: bytes
    id: int = 0


@stored(key=("id",), indexes={"group": ("group", "time"), "stream": ("stream",)},
        refers={"group": "logs_numbered", "stream": "logs_tally", "key": "logs_data_key"})
class LargeObject(msgspec.Struct, kw_only=True):
    """A field of an event. data: all of its text, packed, under the group's data key `key` (0: none), for what is sensitive may
    begin before the cut; offset: how many characters of it the event has. time, came: the event's."""

    id: str
    group: int
    stream: int
    time: int
    came: int
    offset: int
    key: int
    data: bytes


def description(group: LogGroup, arn: str, stored_bytes: int) -> dict[str, Any]:
    """A group as DescribeLogGroups tells it."""
    return {"logGroupName": group.LogGroupName, "creationTime": int(group.created * 1000), "arn": group.wide,
            "logGroupArn": arn, "retentionInDays": group.RetentionInDays, "metricFilterCount": group.metric_filters,
            "storedBytes": stored_bytes, "kmsKeyId": group.KmsKeyId, "logGroupClass": group.LogGroupClass,
            "deletionProtectionEnabled": group.DeletionProtectionEnabled,
            "bearerTokenAuthenticationEnabled": group.BearerTokenAuthenticationEnabled}


@stored(key=("group", "name"))
class MetricFilter(msgspec.Struct, kw_only=True):
    """What turns a group's events into a metric. transformation: as the API has it.  system: where events came from, as further
    dimensions."""

    group: str
    name: str
    pattern: str
    transformation: dict[str, Any]
    created: float
    transformed: bool = False
    criteria: str | None = None
    system: list[str] | None = None


@stored(key=("group", "name"))
class SubscriptionFilter(msgspec.Struct, kw_only=True):
    """What sends a group's events on."""

    group: str
    name: str
    pattern: str
    destination: str
    role: str | None = None
    distribution: str = "ByLogStream"
    created: float
    transformed: bool = False
    criteria: str | None = None


@stored(key=("id",), indexes={"made": ("made", "id")})
class Query(msgspec.Struct, kw_only=True):
    """A query of Logs Insights, and what it found. Times of the range in milliseconds."""

    id: str
    groups: list[str]
    text: str
    start: int
    end: int
    limit: int | None
    made: float
    who: str
    status: str = "Scheduled"
    ended: float = 0.0
    scanned: int = 0
    size: int = 0
    matched: int = 0
    results: list[list[dict[str, str]]] = []


@stored(key=("id",), indexes={"name": ("name", "id"), "token": ("token",)})
class QueryDefinition(msgspec.Struct, kw_only=True):
    """A query that is kept under a name."""

    id: str
    name: str
    text: str
    groups: list[str]
    modified: float
    token: str | None = None
    parameters: list[dict[str, str]] = []


@stored(key=("name",), indexes={"arn": ("arn",)})
class ResourcePolicy(msgspec.Struct, kw_only=True):
    """Who may put events: into all groups, or (arn) into one."""

    name: str
    document: str
    arn: str | None
    modified: float
    revision: str


@stored(key=("id",), indexes={"name": ("name",)}, unique=("name",))
class ScheduledQuery(msgspec.Struct, kw_only=True):
    """A query that runs again and again. Offsets in seconds, before the time that it is due."""

    id: str
    name: str
    description: str | None
    text: str
    groups: list[str]
    schedule: str
    zone: str
    since: int
    until: int
    role: str
    state: str
    start: float | None
    end: float | None
    created: float
    modified: float
    tags: dict[str, str] = {}


@stored(key=("scheduled", "at", "query"))
class Triggered(msgspec.Struct, kw_only=True):
    """One run of a scheduled query."""

    scheduled: str
    at: float
    query: str


@stored(key=("id",), indexes={"made": ("made", "id")})
class Export(msgspec.Struct, kw_only=True):
    """An export of a group's events to a bucket. Times of the range in milliseconds."""

    id: str
    name: str | None
    group: str
    prefix: str
    start: int
    end: int
    bucket: str
    folder: str
    made: float
    status: str = "PENDING"
    message: str = ""
    ended: float = 0.0

"""What exists in EventBridge: buses, rules and their targets, archives and replays, connections and API destinations."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, member, resource, stored

_TAGS = Tagging("TagResource", "UntagResource", "ListTagsForResource")


@resource("AWS::Events::EventBus", id="Name", arn="arn:{partition}:events:{region}:{account}:event-bus/{Name}",
          missing="ResourceNotFoundException", missing_message="Event bus {id} does not exist.",
          verbs=Verbs(read="DescribeEventBus", list="ListEventBuses"), tags=_TAGS, columns=("Name", "Description", "created"),
          returns={"Arn": "arn", "Name": "Name"}, delete_after=("AWS::Events::Rule", "AWS::Events::Archive"))
class EventBus(Resource, kw_only=True):
    """A bus. The default one is there without a row, until something of it is set."""

    Name: Annotated[str, fixed]
    Description: str | None = None
    policy: str | None = None
    modified: float = 0.0


@resource("AWS::Events::Rule", id=("EventBusName", "Name"), arn="arn:{partition}:events:{region}:{account}:rule/{path}",
          missing="ResourceNotFoundException", missing_message="Rule does not exist on EventBus {id}.",
          verbs=Verbs(create="PutRule", read="DescribeRule", update="PutRule", list="ListRules", whole=True), tags=_TAGS,
          columns=("Name", "EventBusName", "State", "ScheduleExpression"), returns={"Arn": "arn"},
          indexes={"path": ("path",)})
class Rule(Resource, kw_only=True):
    """A rule. path: its name, behind its bus's unless that is the default one.  armed: when its schedule began.  managed: the
    service that keeps it for its own ends."""

    Name: Annotated[str, fixed]
    EventBusName: Annotated[str, fixed] = "default"
    Description: str | None = None
    EventPattern: str | None = None
    ScheduleExpression: str | None = None
    State: str = "ENABLED"
    RoleArn: str | None = None
    path: str = ""
    armed: float = 0.0
    managed: str = ""


@stored(key=("bus", "rule", "id"), indexes={"arn": ("arn",)})
class Target(msgspec.Struct, kw_only=True):
    """Whom a rule tells. said: as the API has it."""

    bus: str
    rule: str
    id: str
    arn: str
    said: dict[str, Any]


@resource("AWS::Events::Archive", id="ArchiveName", arn="arn:{partition}:events:{region}:{account}:archive/{ArchiveName}",
          missing="ResourceNotFoundException", missing_message="Archive {id} does not exist.",
          verbs=Verbs(read="DescribeArchive"), tags="EventBridge has no tags on archives.",
          columns=("ArchiveName", "bus", "RetentionDays", "created"), returns={"Arn": "arn"}, indexes={"bus": ("bus",)})
class Archive(Resource, kw_only=True):
    """What keeps the events of a bus."""

    ArchiveName: Annotated[str, fixed]
    SourceArn: Annotated[str, fixed, member("EventSourceArn")]
    Description: str | None = None
    EventPattern: str | None = None
    RetentionDays: int = 0
    bus: str = ""


@stored(auto="id", indexes={"archive": ("archive", "at")})
class Archived(msgspec.Struct, kw_only=True):
    """An event that an archive keeps. at: its own time."""

    archive: str
    at: float
    size: int
    event: str
    id: int = 0


@stored(key=("name",))
class Replay(msgspec.Struct, kw_only=True):
    """Events of an archive, put to their bus once more."""

    name: str
    description: str | None
    source: str
    destination: dict[str, Any]
    start: float
    end: float
    state: str
    began: float
    last: float | None = None
    ended: float | None = None


@resource("AWS::Events::Connection", id="Name", arn="arn:{partition}:events:{region}:{account}:connection/{Name}/{id}",
          missing="ResourceNotFoundException",
          missing_message="Failed to describe the connection(s). Connection '{id}' does not exist.",
          verbs=Verbs(read="DescribeConnection"), tags="EventBridge has no tags on connections.",
          columns=("Name", "AuthorizationType", "state"), returns={"Arn": "arn"},
          delete_after=("AWS::Events::ApiDestination",))
class Connection(Resource, kw_only=True):
    """How to sign in at an API. secret: what must not lie readable, sealed.  token: of OAuth, sealed, good until `until`."""

    Name: Annotated[str, fixed]
    AuthorizationType: str
    AuthParameters: dict[str, Any]                 # without what is secret
    Description: str | None = None
    id: str
    state: str = "AUTHORIZED"
    secret: bytes = b""
    modified: float = 0.0
    authorized: float = 0.0
    token: bytes = b""
    until: float = 0.0


@resource("AWS::Events::ApiDestination", id="Name",
          arn="arn:{partition}:events:{region}:{account}:api-destination/{Name}/{id}",
          missing="ResourceNotFoundException",
          missing_message="Failed to describe the api-destination(s). An api-destination '{id}' does not exist.",
          verbs=Verbs(read="DescribeApiDestination"), tags="EventBridge has no tags on API destinations.",
          columns=("Name", "HttpMethod", "InvocationEndpoint"), returns={"Arn": "arn"})
class ApiDestination(Resource, kw_only=True):
    """An address that events are sent to. next: when the next one may go, by its rate."""

    Name: Annotated[str, fixed]
    ConnectionArn: str
    InvocationEndpoint: str
    HttpMethod: str
    Description: str | None = None
    InvocationRateLimitPerSecond: int = 300
    id: str
    modified: float = 0.0
    next: float = 0.0


@resource("AWS::Events::Endpoint", id="Name", arn="arn:{partition}:events:{region}:{account}:endpoint/{Name}",
          missing="ResourceNotFoundException", missing_message="Endpoint '{id}' does not exist.",
          tags="EventBridge has no tags on endpoints.", columns=("Name", "EndpointId", "State", "created"),
          returns={"Arn": "arn", "EndpointId": "EndpointId", "EndpointUrl": "url", "State": "State"})
class Endpoint(Resource, kw_only=True):
    """A global endpoint: where events go that are put to it, by the health of its home region."""

    Name: Annotated[str, fixed]
    EventBuses: list[dict[str, Any]]
    RoutingConfig: dict[str, Any]
    ReplicationConfig: dict[str, Any] = msgspec.field(default_factory=lambda: {"State": "ENABLED"})
    RoleArn: str | None = None
    Description: str | None = None
    EndpointId: str
    url: str
    State: str = "ACTIVE"
    modified: float = 0.0


@stored(key=("id",), scope="account")
class EndpointHome(msgspec.Struct, kw_only=True):
    """In which region an endpoint is at home: whoever puts events to it knows its id alone."""

    id: str
    region: str
    name: str


@stored(key=("name", "account"))
class Offered(msgspec.Struct, kw_only=True):
    """A partner's event source for one account, in the partner's own account."""

    name: str
    account: str


@stored(key=("name",))
class EventSource(msgspec.Struct, kw_only=True):
    """A partner's event source, as the account sees it that it is for. state: PENDING, ACTIVE or DELETED."""

    name: str
    partner: str
    created: float
    expires: float | None
    state: str = "PENDING"

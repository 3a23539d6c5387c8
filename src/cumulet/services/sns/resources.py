"""What exists in SNS: topics and their subscriptions."""

from typing import Annotated

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, by, fixed, inside, member, resource, stored


@resource("AWS::SNS::Topic", id="TopicName", arn="arn:{partition}:sns:{region}:{account}:{TopicName}",
          missing="NotFoundException", missing_message="Topic does not exist",
          verbs=Verbs(read="GetTopicAttributes", update="SetTopicAttributes"),
          tags=Tagging("TagResource", "UntagResource", "ListTagsForResource"),
          columns=("TopicName", "FifoTopic", "DisplayName", "created"), returns={"TopicArn": "arn", "TopicName": "TopicName"},
          delete_after=("AWS::SNS::Subscription",))
class Topic(Resource, kw_only=True):
    """A topic and its attributes. None: never set, and so not told."""

    TopicName: Annotated[str, fixed, member("Name")]
    FifoTopic: Annotated[bool, fixed, inside("Attributes")] = False
    DisplayName: Annotated[str, inside("Attributes")] = ""
    Policy: Annotated[str | None, inside("Attributes")] = None
    ContentBasedDeduplication: Annotated[bool, inside("Attributes")] = False
    FifoThroughputScope: Annotated[str | None, inside("Attributes")] = None
    SignatureVersion: Annotated[str | None, inside("Attributes")] = None
    TracingConfig: Annotated[str | None, inside("Attributes")] = None
    MaximumMessageSize: Annotated[int | None, inside("Attributes")] = None
    DeliveryPolicy: Annotated[str | None, inside("Attributes")] = None
    ArchivePolicy: Annotated[str | None, inside("Attributes")] = None
    KmsMasterKeyId: Annotated[str | None, inside("Attributes")] = None
    DataProtectionPolicy: Annotated[str | None, by("PutDataProtectionPolicy", read="GetDataProtectionPolicy")] = None
    feedback: dict[str, str] = {}                  # delivery status logs: HTTPSuccessFeedbackRoleArn, …
    archived_since: float | None = None            # when the archive began
    sequence: int = 0                  # of the latest message of a FIFO topic
    unsubscribed: int = 0              # subscriptions deleted so far


@resource("AWS::SNS::Subscription", id="SubscriptionArn", arn="arn:{partition}:sns:{region}:{account}:{topic}:{id}",
          missing="NotFoundException", missing_message="Subscription does not exist",
          verbs=Verbs(create="Subscribe", read="GetSubscriptionAttributes", update="SetSubscriptionAttributes",
                      delete="Unsubscribe"),
          tags="SNS has no tags on subscriptions.", columns=("SubscriptionArn", "Protocol", "Endpoint", "owner"),
          returns={"Arn": "SubscriptionArn"},
          indexes={"endpoint": ("TopicArn", "Protocol", "Endpoint"), "pending": ("pending",), "token": ("token",)})
class Subscription(Resource, kw_only=True):
    """One endpoint's subscription; it lives where its topic does. pending: the topic, until it is confirmed."""

    SubscriptionArn: Annotated[str, fixed]
    TopicArn: Annotated[str, fixed]
    Protocol: Annotated[str, fixed]
    Endpoint: Annotated[str, fixed]
    topic: str
    id: str
    owner: str
    RawMessageDelivery: Annotated[bool, inside("Attributes")] = False
    FilterPolicy: Annotated[str | None, inside("Attributes")] = None
    FilterPolicyScope: Annotated[str | None, inside("Attributes")] = None
    RedrivePolicy: Annotated[str | None, inside("Attributes")] = None
    DeliveryPolicy: Annotated[str | None, inside("Attributes")] = None
    ReplayPolicy: Annotated[str | None, inside("Attributes")] = None
    replay_status: str = ""
    replay: str = ""                   # which replay this is: an older one that still runs ends
    waiting: int | None = None         # 1 while new messages wait for the end of a replay
    pending: str | None = None
    token: str | None = None           # what to confirm it with
    authenticated: bool = True         # it was confirmed by a signed request
    only_owner: bool = False           # AuthenticateOnUnsubscribe
    principal: str = ""                # who subscribed


@stored(key=("arn",))
class Owned(msgspec.Struct, kw_only=True):
    """A subscription, listed where its owner is (its topic may be another account's)."""

    arn: str


@stored(key=("topic", "sequence"), indexes={"at": ("topic", "at")})
class Archived(msgspec.Struct, kw_only=True):
    """A message that a FIFO topic keeps for replays. notice: packed, and sealed."""

    topic: str
    sequence: int
    at: float
    notice: bytes


@stored(key=("token",))
class Cancelled(msgspec.Struct, kw_only=True):
    """A subscription that somebody unsigned ended: its endpoint may take that back for two days."""

    token: str
    row: Subscription


@stored(key=("subscription",))
class Pace(msgspec.Struct, kw_only=True):
    """When a subscription that takes so many messages a second has its next free moment."""

    subscription: str
    free: float


@stored(key=("topic", "id"), indexes={"at": ("topic", "at")})
class Published(msgspec.Struct, kw_only=True):
    """A deduplication id that a FIFO topic remembers for five minutes."""

    topic: str
    id: str
    at: float
    message: str
    sequence: int


@stored(key=("name",), scope="global")
class SigningKey(msgspec.Struct, kw_only=True):
    """The key that notifications are signed with, and its certificate; PEM."""

    name: str
    private: bytes
    certificate: bytes
    fingerprint: str


@stored(key=("name",))
class Texting(msgspec.Struct, kw_only=True):
    """How an account sends texts in a region. spent: USD of the month that began last."""

    name: str = "texting"
    attributes: dict[str, str] = {}
    sandbox: bool = True
    month: str = ""
    spent: float = 0.0


@stored(key=("phone",), indexes={"out": ("out", "phone")})
class Phone(msgspec.Struct, kw_only=True):
    """A number whose owner answered STOP. out: 1 until it is opted in again, then None; returned: when that was last."""

    phone: str
    out: int | None = 1
    returned: float | None = None


@stored(key=("phone",))
class SandboxPhone(msgspec.Struct, kw_only=True):
    """A number that may be sent texts in the sandbox, once it is verified."""

    phone: str
    password: str
    asked: float
    codes: list[float] = []            # when one-time passwords were sent to it in the last day
    verified: float | None = None


@stored(key=("id",))
class Application(msgspec.Struct, kw_only=True):
    """A platform application. id: GCM/name; credential: sealed, and never told; expires: of its certificate."""

    id: str
    attributes: dict[str, str] = {}
    credential: bytes = b""
    principal: str = ""
    expires: float | None = None


@stored(key=("application", "id"), indexes={"token": ("application", "Token")})
class Endpoint(msgspec.Struct, kw_only=True):
    """One device of an application."""

    application: str
    id: str
    Token: str
    CustomUserData: str | None = None
    Enabled: bool = True
    further: dict[str, str] = {}       # BAIDU: UserId, ChannelId

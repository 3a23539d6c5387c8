"""What exists in SQS: queues, and what is in them."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, inside, resource, stored

Attributes = dict[str, dict[str, Any]]


@resource("AWS::SQS::Queue", id="QueueName", arn="arn:{partition}:sqs:{region}:{account}:{QueueName}",
          missing="QueueDoesNotExist", missing_message="The specified queue does not exist.",
          verbs=Verbs(read="GetQueueAttributes", update="SetQueueAttributes"),
          tags=Tagging("TagQueue", "UntagQueue", "ListQueueTags"),
          columns=("QueueName", "FifoQueue", "VisibilityTimeout", "created"),
          returns={"Arn": "arn", "QueueName": "QueueName"},
          delete_after=("AWS::SNS::Subscription", "AWS::Lambda::EventSourceMapping"),
          indexes={"dead_letter": ("dead_letter", "QueueName")}, refers={"number": "sqs_box", "box": "sqs_box"})
class Queue(Resource, kw_only=True):
    """A queue and its attributes. Its messages are in a box, which a purge replaces by a new one."""

    QueueName: Annotated[str, fixed]
    FifoQueue: Annotated[bool, fixed, inside("Attributes")] = False
    DelaySeconds: Annotated[int, inside("Attributes")] = 0
    MaximumMessageSize: Annotated[int, inside("Attributes")] = 1_048_576
    MessageRetentionPeriod: Annotated[int, inside("Attributes")] = 345_600
    ReceiveMessageWaitTimeSeconds: Annotated[int, inside("Attributes")] = 0
    VisibilityTimeout: Annotated[int, inside("Attributes")] = 30
    RedrivePolicy: Annotated[str | None, inside("Attributes")] = None
    RedriveAllowPolicy: Annotated[str | None, inside("Attributes")] = None
    SqsManagedSseEnabled: Annotated[bool, inside("Attributes")] = True
    KmsMasterKeyId: Annotated[str | None, inside("Attributes")] = None
    KmsDataKeyReusePeriodSeconds: Annotated[int, inside("Attributes")] = 300
    ContentBasedDeduplication: Annotated[bool, inside("Attributes")] = False
    DeduplicationScope: Annotated[str | None, inside("Attributes")] = None
    FifoThroughputLimit: Annotated[str | None, inside("Attributes")] = None
    Policy: Annotated[str | None, inside("Attributes")] = None
    number: int = 0                    # of its first box: which queue this is among those that ever had this name
    box: int = 0
    modified: float = 0.0
    purged: float = 0.0                # when it was last purged
    fair: bool = False                 # a standard queue that has seen a message group
    sweep: float = 0.0                 # when its box is next swept; 0 while nothing is in it
    dead_letter: str | None = None     # from RedrivePolicy: the other queue's name
    max_receives: int = 0              # from RedrivePolicy


@stored(auto="number", indexes={"queue": ("queue",)}, refers={"owner": "sqs_box"})
class Box(msgspec.Struct, kw_only=True):
    """What a queue's messages lie in, until it is purged or deleted. handed: how many of them were ever received."""

    queue: str
    owner: int = 0                     # the queue's number; 0 when this is its first box and so the number itself
    handed: int = 0
    deleted: float = 0.0               # when the queue was deleted: its name rests for 60 seconds
    measured: float = 0.0              # the minute in which CloudWatch was told last how many messages there are
    number: int = 0


@stored(auto="sequence", indexes={"due": ("box", "due", "sent", "receives", "sequence"), "group": ("line", "sequence"),
                                  "tenant": ("line", "due", "sequence", "receives")},
        refers={"box": "sqs_box", "line": "sqs_box"})
class Message(msgspec.Struct, kw_only=True):
    """One message. due: when it may be received; in FIFO queues, its group has a say too.

    line: box and group (lines.py).  earlier: receives in other queues before this one.
    """

    box: int
    due: float
    sent: float
    receives: int = 0
    line: str | None = None
    group: str | None = None
    first: float = 0.0                 # first and latest receive
    received: float = 0.0
    earlier: int = 0
    deduplication: str | None = None
    source: str | None = None          # the queue that it was a dead letter of
    id: str
    sender: str
    md5: str                           # "" of a body that is not whole yet
    attributes: Attributes | None = None
    trace: str | None = None
    body: str
    finisher: str | None = None        # what makes the body whole when it is received
    sealed: bytes | None = None        # the body, where the queue has a key (encryption.py); `body` is "" then
    sequence: int = 0


@stored(key=("line",), indexes={"ready": ("box", "ready", "order")},
        refers={"line": "sqs_box", "box": "sqs_box", "order": "sqs_message"})
class Group(msgspec.Struct, kw_only=True):
    """A message group with messages in it. ready: when its first messages may be received."""

    line: str
    box: int
    ready: float
    order: int                         # sequence of its first message when it became ready


@stored(key=("line",), indexes={"ready": ("box", "noisy", "ready")}, refers={"line": "sqs_box", "box": "sqs_box"})
class Tenant(msgspec.Struct, kw_only=True):
    """Whose messages are in a standard queue. ready: when the first of them is due, visible or not.  sent: when the last one
    came, to half a minute.  given: how many were received; when these are `look`, it is seen whether noisy (0 or 1)."""

    line: str
    box: int
    noisy: int = 0
    ready: float
    sent: float
    given: int = 0
    look: int


@stored(key=("queue", "id"), indexes={"at": ("queue", "at")}, refers={"queue": "sqs_box", "sequence": "sqs_message"})
class Sent(msgspec.Struct, kw_only=True):
    """A deduplication id that a FIFO queue remembers for five minutes."""

    queue: int
    id: str
    at: float
    message: str
    sequence: int


@stored(key=("box", "id"), indexes={"at": ("box", "at")}, refers={"box": "sqs_box"})
class Attempt(msgspec.Struct, kw_only=True):
    """A ReceiveRequestAttemptId, and the messages (sequence, receives, due) that it was given."""

    box: int
    id: str
    at: float
    given: list[tuple[int, int, float]]


@stored(key=("queue", "started", "id"), indexes={"id": ("id",)})
class Move(msgspec.Struct, kw_only=True):
    """A message move task of a dead-letter queue."""

    queue: str
    started: float
    id: str
    status: str
    destination: str | None = None
    rate: int | None = None
    moved: int = 0
    to_move: int = 0
    failure: str | None = None

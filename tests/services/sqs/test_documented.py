"""What AWS's pages say of SQS, row by row: each with its page, asked over the wire; of refusals code, status and message.

In members, {q} is a standard queue, {f} a FIFO queue, {c} one that knows content again, {d} a dead-letter queue of {q},
{gone} none; {handle} the receipt handle of a message of {q} that is in flight.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from conftest import Cloud
from services.documented import Answered, Members, Refused, Step, check, ids

API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_"
GUIDE = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/"
Q, F, C, GONE = ({"QueueUrl": url} for url in ("{q}", "{f}", "{c}", "{gone}"))
NOT_THERE = ("AWS.SimpleQueueService.NonExistentQueue", 400, "The specified queue does not exist")
HANDLE = {"ReceiptHandle": "{handle}"}
ARN = "arn:aws:sqs:us-east-1:{account}:"


def create(name: str = "new", **attributes: str) -> Members:
    return {"QueueName": name, "Attributes": attributes} if attributes else {"QueueName": name}


def setting(**attributes: Any) -> Members:
    return Q | {"Attributes": {k: v if isinstance(v, str) else json.dumps(v) for k, v in attributes.items()}}


def text(body: str = "x", where: Members = Q, **more: Any) -> Members:
    return where | {"MessageBody": body} | more


def attribute(name: str = "a", **value: Any) -> Members:
    return text(MessageAttributes={name: value})


def entries(*numbers: Any, **more: Any) -> Members:
    return Q | {"Entries": [{"Id": str(n), "MessageBody": "x", **more} for n in numbers]}


def sent(body: str = "x", where: Members = Q, **more: Any) -> Step:
    return "send_message", text(body, where, **more)


def got(where: Members = Q, **more: Any) -> Members:
    return where | {"MaxNumberOfMessages": 10} | more


def bodies(answer: Any) -> list[str]:
    return [message["Body"] for message in answer.get("Messages", [])]


def attributes_of(url: str = "{q}", *names: str) -> Members:
    return {"QueueUrl": url, "AttributeNames": list(names or ("All",))}


NAMES, VALUE, PARAMETER = API + "CreateQueue.html", ("InvalidAttributeValue", 400), ("InvalidParameterValue", 400)
SEND, RECEIVE, BATCH, SET = (f"{API}{name}.html" for name in ("SendMessage", "ReceiveMessage", "SendMessageBatch",
                                                               "SetQueueAttributes"))
META, FIFO = GUIDE + "sqs-message-metadata.html", GUIDE + "FIFO-queues-exactly-once-processing.html"
BAD_NAME = (*PARAMETER, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
REFUSALS = [
    # --- names ---
    Refused(NAMES, "names have at most 80 characters", "create_queue", create("a" * 81), *BAD_NAME),
    Refused(NAMES, "names have no spaces", "create_queue", create("a b"), *BAD_NAME),
    Refused(NAMES, "names have no periods", "create_queue", create("a.b"), *BAD_NAME),
    Refused(NAMES, "names are not empty", "create_queue", create(""), *PARAMETER, ""),
    Refused(NAMES, "names of FIFO queues end in .fifo", "create_queue", create("new", FifoQueue="true"), *PARAMETER,
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo"),
    Refused(NAMES, ".fifo is for FIFO queues", "create_queue", create("new.fifo"), *BAD_NAME),
    Refused(NAMES, "a queue of other attributes has the name", "create_queue", create("q", DelaySeconds="5"),
            "QueueAlreadyExists", 400,
            "A queue already exists with the same name and a different value for attribute DelaySeconds"),
    Refused(NAMES, "a deleted queue's name rests for 60 seconds", "create_queue", create("q"),
            "AWS.SimpleQueueService.QueueDeletedRecently", 400, "You must wait 60 seconds after deleting a queue",
            (("delete_queue", Q),)),
    # --- attributes ---
    Refused(NAMES, "delays end at 15 minutes", "create_queue", create(DelaySeconds="901"), *VALUE, "DelaySeconds"),
    Refused(NAMES, "delays are numbers", "create_queue", create(DelaySeconds="soon"), *VALUE, "DelaySeconds"),
    Refused(NAMES, "sizes begin at 1 KiB", "create_queue", create(MaximumMessageSize="1023"), *VALUE, "MaximumMessageSize"),
    Refused(NAMES, "sizes end at 1 MiB", "create_queue", create(MaximumMessageSize="1048577"), *VALUE, "MaximumMessageSize"),
    Refused(NAMES, "retention begins at a minute", "create_queue", create(MessageRetentionPeriod="59"), *VALUE,
            "MessageRetentionPeriod"),
    Refused(NAMES, "retention ends at 14 days", "create_queue", create(MessageRetentionPeriod="1209601"), *VALUE,
            "MessageRetentionPeriod"),
    Refused(NAMES, "waits end at 20 seconds", "create_queue", create(ReceiveMessageWaitTimeSeconds="21"), *VALUE,
            "ReceiveMessageWaitTimeSeconds"),
    Refused(NAMES, "visibility timeouts end at 12 hours", "create_queue", create(VisibilityTimeout="43201"), *VALUE,
            "VisibilityTimeout"),
    Refused(NAMES, "visibility timeouts are not negative", "create_queue", create(VisibilityTimeout="-1"), *VALUE,
            "VisibilityTimeout"),
    Refused(NAMES, "no such attribute", "create_queue", create(Colour="red"), "InvalidAttributeName", 400,
            "Unknown Attribute Colour"),
    Refused(NAMES, "content is known again in FIFO queues only", "create_queue", create(ContentBasedDeduplication="true"),
            "InvalidAttributeName", 400, "ContentBasedDeduplication"),
    Refused(NAMES, "deduplication has its scope in FIFO queues only", "create_queue", create(DeduplicationScope="queue"),
            "InvalidAttributeName", 400, "DeduplicationScope"),
    Refused(NAMES, "a scope of deduplication is queue or messageGroup", "create_queue",
            create("new.fifo", FifoQueue="true", DeduplicationScope="message"), *VALUE, "DeduplicationScope"),
    Refused(NAMES, "a limit per group needs deduplication per group", "create_queue",
            create("new.fifo", FifoQueue="true", FifoThroughputLimit="perMessageGroupId", DeduplicationScope="queue"),
            *VALUE, ""),
    Refused(SET, "a queue does not become FIFO", "set_queue_attributes", setting(FifoQueue="true"), "InvalidAttributeName",
            400, ""),
    Refused(SET, "attributes of no queue", "set_queue_attributes", GONE | {"Attributes": {"DelaySeconds": "1"}}, *NOT_THERE),
    Refused(SET, "a policy is JSON", "set_queue_attributes", setting(Policy="{"), *VALUE, "Policy"),
    Refused(API + "GetQueueAttributes.html", "no such attribute to tell", "get_queue_attributes", attributes_of("{q}",
            "Colour"),
            "InvalidAttributeName", 400, "Unknown Attribute Colour"),
    Refused(API + "GetQueueAttributes.html", "attributes of no queue are told", "get_queue_attributes", attributes_of("{gone}"),
            *NOT_THERE),
    # --- dead letters ---
    Refused(GUIDE + "sqs-dead-letter-queues.html", "a redrive policy names its queue", "set_queue_attributes",
            setting(RedrivePolicy={"maxReceiveCount": 3}), *PARAMETER,
            "does not contain mandatory attribute: deadLetterTargetArn"),
    Refused(GUIDE + "sqs-dead-letter-queues.html", "a redrive policy says how often", "set_queue_attributes",
            setting(RedrivePolicy={"deadLetterTargetArn": ARN + "d"}), *PARAMETER, "mandatory attribute: maxReceiveCount"),
    Refused(SET, "messages are received at most 1,000 times", "set_queue_attributes",
            setting(RedrivePolicy={"deadLetterTargetArn": ARN + "d", "maxReceiveCount": 1001}), *PARAMETER,
            "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive"),
    Refused(GUIDE + "sqs-dead-letter-queues.html", "dead letters of standard queues go to standard queues",
            "set_queue_attributes",
            setting(RedrivePolicy={"deadLetterTargetArn": ARN + "f.fifo", "maxReceiveCount": 3}), *PARAMETER,
            "Dead-letter queue must be same type of queue as the source"),
    Refused(SET, "the dead-letter queue is there", "set_queue_attributes",
            setting(RedrivePolicy={"deadLetterTargetArn": ARN + "gone", "maxReceiveCount": 3}), *PARAMETER,
            "Dead letter target does not exist"),
    Refused(SET, "redrive is allowed to all, none, or by queue", "set_queue_attributes",
            setting(RedriveAllowPolicy={"redrivePermission": "some"}), *PARAMETER, "redrivePermission"),
    Refused(SET, "redrive by queue names the queues", "set_queue_attributes",
            setting(RedriveAllowPolicy={"redrivePermission": "byQueue"}), *PARAMETER, "sourceQueueArns"),
    Refused(SET, "a dead-letter queue lets only its own in", "set_queue_attributes",
            setting(RedrivePolicy={"deadLetterTargetArn": ARN + "d", "maxReceiveCount": 3}), *PARAMETER,
            "does not allow redrive",
            (("set_queue_attributes", {"QueueUrl": "{d}",
            "Attributes": {"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'}}),)),
    Refused(API + "StartMessageMoveTask.html", "messages are moved from dead-letter queues", "start_message_move_task",
            {"SourceArn": ARN + "q"}, *PARAMETER, "Source queue must be configured as a Dead Letter Queue"),
    Refused(API + "StartMessageMoveTask.html", "no queue to move from", "start_message_move_task", {"SourceArn": ARN + "gone"},
            "ResourceNotFoundException", 400, "doesn't exist"),
    Refused(API + "StartMessageMoveTask.html", "at most 500 messages a second", "start_message_move_task",
            {"SourceArn": ARN + "d", "MaxNumberOfMessagesPerSecond": 501}, *PARAMETER, "MaxNumberOfMessagesPerSecond"),
    Refused(API + "CancelMessageMoveTask.html", "a task that is none", "cancel_message_move_task", {"TaskHandle": "nonsense"},
            *PARAMETER, "TaskHandle"),
    # --- sending ---
    Refused(SEND, "messages are not empty", "send_message", text(""), "MissingParameter", 400,
            "The request must contain the parameter MessageBody"),
    Refused(SEND, "only characters that XML has", "send_message", text("\x00"), "InvalidMessageContents", 400, ""),
    Refused(SEND, "messages end at 1 MiB", "send_message", text("x" * 1_048_577), *PARAMETER,
            "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes"),
    Refused(SEND, "attributes count in the size", "send_message",
            text("x" * 1_048_570, MessageAttributes={"name": {"DataType": "String", "StringValue": "value"}}), *PARAMETER,
            "Message must be shorter than 1048576 bytes"),
    Refused(SEND, "a queue may have a smaller limit", "send_message", text("x" * 1025), *PARAMETER, "shorter than 1024 bytes",
            (("set_queue_attributes", setting(MaximumMessageSize="1024")),)),
    Refused(SEND, "delays of messages end at 15 minutes", "send_message", text(DelaySeconds=901), *PARAMETER,
            "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900"),
    Refused(SEND, "sending to no queue", "send_message", text(where=GONE), *NOT_THERE),
    Refused(META, "attributes have a type", "send_message", attribute(StringValue="x"), "MissingParameter", 400, "DataType"),
    Refused(META, "types are String, Number and Binary", "send_message", attribute(DataType="Truth", StringValue="x"),
            *PARAMETER,
            "type"),
    Refused(META, "values are not empty", "send_message", attribute(DataType="String", StringValue=""), *PARAMETER,
            "non-empty"),
    Refused(META, "numbers are numbers", "send_message", attribute(DataType="Number", StringValue="ten"), *PARAMETER,
            "Can't cast the value of message attribute 'a' to a number"),
    Refused(META, "names do not begin with AWS.", "send_message", attribute("AWS.a", DataType="String", StringValue="x"),
            *PARAMETER,
            "AWS."),
    Refused(META, "names do not begin with Amazon.", "send_message", attribute("Amazon.a", DataType="String", StringValue="x"),
            *PARAMETER, "Amazon."),
    Refused(META, "names do not begin with a period", "send_message", attribute(".a", DataType="String", StringValue="x"),
            *PARAMETER,
            "'.'"),
    Refused(META, "names have no two periods beside each other", "send_message",
            attribute("a..b", DataType="String", StringValue="x"), *PARAMETER, "'.'"),
    Refused(META, "names end at 256 characters", "send_message", attribute("a" * 257, DataType="String", StringValue="x"),
            *PARAMETER,
            "256"),
    Refused(META, "at most ten attributes", "send_message", text(MessageAttributes={
        f"a{n}": {"DataType": "String", "StringValue": "x"} for n in range(11)}), *PARAMETER,
        "Number of message attributes [11]"),
    Refused(META, "the one system attribute is AWSTraceHeader", "send_message",
            text(MessageSystemAttributes={"Other": {"DataType": "String", "StringValue": "x"}}), *PARAMETER,
            "system attribute"),
    Refused(META, "a trace is a string", "send_message",
            text(MessageSystemAttributes={"AWSTraceHeader": {"DataType": "Number", "StringValue": "1"}}), *PARAMETER,
            "AWSTraceHeader"),
    # --- FIFO ---
    Refused(SEND, "messages of FIFO queues have a group", "send_message", text(where=F), "MissingParameter", 400,
            "The request must contain the parameter MessageGroupId"),
    Refused(FIFO, "a queue that does not know content is told an id", "send_message", text(where=F, MessageGroupId="g"),
            *PARAMETER,
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"),
    Refused(SEND, "groups end at 128 characters", "send_message", text(where=C, MessageGroupId="g" * 129), *PARAMETER,
            "MessageGroupId"),
    Refused(SEND, "groups have no spaces", "send_message", text(where=C, MessageGroupId="a b"), *PARAMETER, "MessageGroupId"),
    Refused(SEND, "deduplication ids end at 128 characters", "send_message",
            text(where=C, MessageGroupId="g", MessageDeduplicationId="d" * 129), *PARAMETER, "MessageDeduplicationId"),
    Refused(SEND, "a deduplication id in a standard queue", "send_message", text(MessageDeduplicationId="d"), *PARAMETER,
            "not valid for this queue type"),
    Refused(SEND, "messages of FIFO queues have no delay of their own", "send_message",
            text(where=C, MessageGroupId="g", DelaySeconds=5), *PARAMETER, "not valid for this queue type"),
    # --- batches ---
    Refused(BATCH, "a batch is not empty", "send_message_batch", entries(), "AWS.SimpleQueueService.EmptyBatchRequest", 400,
            "There should be at least one SendMessageBatchRequestEntry in the request"),
    Refused(BATCH, "a batch has ten entries at most", "send_message_batch", entries(*range(11)),
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400,
            "Maximum number of entries per request are 10. You have sent 11"),
    Refused(BATCH, "ids of a batch differ", "send_message_batch", entries(1, 1),
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400, "Id 1 repeated"),
    Refused(BATCH, "ids of a batch have no spaces", "send_message_batch", entries("a b"),
            "AWS.SimpleQueueService.InvalidBatchEntryId", 400, "A batch entry id can only contain alphanumeric characters"),
    Refused(BATCH, "ids of a batch end at 80 characters", "send_message_batch", entries("a" * 81),
            "AWS.SimpleQueueService.InvalidBatchEntryId", 400, ""),
    Refused(BATCH, "a batch is 1 MiB at most, all together", "send_message_batch", entries(1, 2, MessageBody="x" * 600_000),
            "AWS.SimpleQueueService.BatchRequestTooLong", 400, "Batch requests cannot be longer than 1048576 bytes"),
    Refused(BATCH, "a batch to no queue", "send_message_batch", entries(1) | GONE, *NOT_THERE),
    Refused(API + "DeleteMessageBatch.html", "deleting in batches of ten", "delete_message_batch",
            Q | {"Entries": [{"Id": str(n), **HANDLE} for n in range(11)]},
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400, ""),
    # --- receiving ---
    Refused(RECEIVE, "ten messages at most", "receive_message", got(MaxNumberOfMessages=11), *PARAMETER,
            "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided"),
    Refused(RECEIVE, "one message at least", "receive_message", got(MaxNumberOfMessages=0), *PARAMETER, "MaxNumberOfMessages"),
    Refused(RECEIVE, "a wait of 20 seconds at most", "receive_message", got(WaitTimeSeconds=21), *PARAMETER,
            "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided"),
    Refused(RECEIVE, "a timeout of 12 hours at most", "receive_message", got(VisibilityTimeout=43_201), *PARAMETER,
            "Must be >= 0 and <= 43200, if provided"),
    Refused(RECEIVE, "receiving from no queue", "receive_message", got(GONE), *NOT_THERE),
    Refused(API + "DeleteMessage.html", "a receipt handle that is none", "delete_message", Q | {"ReceiptHandle": "nonsense"},
            "ReceiptHandleIsInvalid", 400, 'The input receipt handle "nonsense" is not a valid receipt handle'),
    Refused(API + "ChangeMessageVisibility.html", "a new timeout of 12 hours at most", "change_message_visibility",
            Q | HANDLE | {"VisibilityTimeout": 43_201}, *PARAMETER, "Must be between 0 and 43200, if provided"),
    Refused(API + "ChangeMessageVisibility.html", "a message that was deleted", "change_message_visibility",
            Q | HANDLE | {"VisibilityTimeout": 5}, *PARAMETER,
            "Message does not exist or is not available for visibility timeout",
            (("delete_message", Q | HANDLE),)),
    Refused(API + "ChangeMessageVisibility.html", "a handle of nothing", "change_message_visibility",
            Q | {"ReceiptHandle": "nonsense", "VisibilityTimeout": 5}, "ReceiptHandleIsInvalid", 400, "nonsense"),
    Refused(API + "PurgeQueue.html", "a queue is purged every 60 seconds", "purge_queue", Q,
            "AWS.SimpleQueueService.PurgeQueueInProgress", 400,
            "Only one PurgeQueue operation on q is allowed every 60 seconds",
            (("purge_queue", Q),)),
    Refused(API + "PurgeQueue.html", "purging no queue", "purge_queue", GONE, *NOT_THERE),
    Refused(API + "GetQueueUrl.html", "the address of no queue", "get_queue_url", {"QueueName": "gone"}, *NOT_THERE),
    Refused(API + "DeleteQueue.html", "a queue is deleted once", "delete_queue", GONE, *NOT_THERE),
    # --- permissions and tags ---
    Refused(API + "AddPermission.html", "accounts have twelve digits", "add_permission",
            Q | {"Label": "l", "AWSAccountIds": ["12"], "Actions": ["SendMessage"]}, *PARAMETER, "Unable to verify"),
    Refused(API + "AddPermission.html", "actions are known", "add_permission",
            Q | {"Label": "l", "AWSAccountIds": ["111122223333"], "Actions": ["Sing"]}, *PARAMETER, "SQS:Sing"),
    Refused(API + "AddPermission.html", "at most seven actions", "add_permission",
            Q | {"Label": "l", "AWSAccountIds": ["111122223333"], "Actions": ["SendMessage"] * 8}, "OverLimit", 400,
            "8 Actions were found"),
    Refused(API + "AddPermission.html", "labels are there once", "add_permission",
            Q | {"Label": "l", "AWSAccountIds": ["111122223333"], "Actions": ["SendMessage"]}, *PARAMETER, "Already exists",
            (("add_permission", Q | {"Label": "l", "AWSAccountIds": ["111122223333"], "Actions": ["SendMessage"]}),)),
    Refused(API + "RemovePermission.html", "a label that is not there", "remove_permission", Q | {"Label": "l"}, *PARAMETER,
            "can't find label on existing policy"),
    Refused(GUIDE + "sqs-queue-tags.html", "at most 50 tags", "tag_queue", Q | {"Tags": {str(n): "" for n in range(51)}},
            *PARAMETER,
            "50"),
    Refused(GUIDE + "sqs-queue-tags.html", "keys of tags do not begin with aws:", "tag_queue", Q | {"Tags": {"aws:a": "b"}},
            *PARAMETER,
            "aws:"),
    Refused(GUIDE + "sqs-queue-tags.html", "keys of tags end at 128 characters", "tag_queue", Q | {"Tags": {"a" * 129: "b"}},
            *PARAMETER, "128"),
    Refused(API + "ListQueueTags.html", "tags of no queue", "list_queue_tags", GONE, *NOT_THERE),
]
GROUP = {"MessageGroupId": "g"}
ANSWERS = [
    Answered(NAMES, "the same queue again", "create_queue", create("q"), lambda a: a["QueueUrl"].endswith("/q")),
    Answered(NAMES, "80 characters", "create_queue", create("a" * 80), lambda a: "a" * 80 in a["QueueUrl"]),
    Answered(NAMES, "defaults of a queue", "get_queue_attributes", attributes_of(), lambda a: {
        "VisibilityTimeout": "30", "DelaySeconds": "0", "MessageRetentionPeriod": "345600", "MaximumMessageSize": "1048576",
        "ReceiveMessageWaitTimeSeconds": "0"}.items() <= a["Attributes"].items()),
    Answered(API + "GetQueueAttributes.html", "one attribute", "get_queue_attributes", attributes_of("{q}", "DelaySeconds"),
             lambda a: a["Attributes"] == {"DelaySeconds": "0"}),
    Answered(API + "GetQueueAttributes.html", "how many wait", "get_queue_attributes",
             attributes_of("{q}", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
                           "ApproximateNumberOfMessagesDelayed"),
             lambda a: list(a["Attributes"].values()) == ["1", "1", "1"], (sent(), sent(DelaySeconds=9))),
    Answered(API + "GetQueueUrl.html", "the address of a queue", "get_queue_url", {"QueueName": "q"},
             lambda a: a["QueueUrl"].endswith("/q")),
    Answered(API + "ListQueues.html", "by the beginning of their names", "list_queues", {"QueueNamePrefix": "f"},
             lambda a: [url.rpartition("/")[2] for url in a["QueueUrls"]] == ["f.fifo"]),
    Answered(API + "ListQueues.html", "in pages", "list_queues", {"MaxResults": 1},
             lambda a: "NextToken" in a and len(a["QueueUrls"]) == 1),
    Answered(API + "ListDeadLetterSourceQueues.html", "whose dead letters come here", "list_dead_letter_source_queues",
             {"QueueUrl": "{d}"}, lambda a: [url.rpartition("/")[2] for url in a["queueUrls"]] == ["source"]),
    Answered(SEND, "what was sent is told by its MD5", "send_message", text("hello"),
             lambda a: a["MD5OfMessageBody"] == "5d41402abc4b2a76b9719d911017c592"),
    Answered(RECEIVE, "a message is hidden from others", "receive_message", got(), lambda a: bodies(a) == []),
    Answered(RECEIVE, "up to ten messages", "receive_message", got(), lambda a: len(bodies(a)) == 10, (sent(),) * 12),
    Answered(RECEIVE, "one message where nothing is said", "receive_message", Q, lambda a: len(bodies(a)) == 1, (sent(),) * 3),
    Answered(RECEIVE, "how often it was received", "receive_message", got(AttributeNames=["ApproximateReceiveCount"]),
             lambda a: a["Messages"][0]["Attributes"] == {"ApproximateReceiveCount": "2"},
             (("change_message_visibility", Q | HANDLE | {"VisibilityTimeout": 0}),)),
    Answered(RECEIVE, "attributes by the beginning of their names", "receive_message", got(MessageAttributeNames=["a.*"]),
             lambda a: list(a["Messages"][0]["MessageAttributes"]) == ["a.b"],
             (sent(MessageAttributes={n: {"DataType": "String", "StringValue": "x"} for n in ("a.b", "c")}),)),
    Answered(RECEIVE, "no attributes unless they are asked for", "receive_message", got(),
             lambda a: "MessageAttributes" not in a["Messages"][0] and "Attributes" not in a["Messages"][0],
             (sent(MessageAttributes={"a": {"DataType": "String", "StringValue": "x"}}),)),
    Answered(META, "types may have labels of one's own", "receive_message", got(MessageAttributeNames=["All"]),
             lambda a: a["Messages"][0]["MessageAttributes"]["a"]["DataType"] == "Number.float",
             (sent(MessageAttributes={"a": {"DataType": "Number.float", "StringValue": "1.5"}}),)),
    Answered(META, "a trace is a system attribute", "receive_message", got(AttributeNames=["AWSTraceHeader"]),
             lambda a: a["Messages"][0]["Attributes"] == {"AWSTraceHeader": "Root=1-2-3"},
             (sent(MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-2-3"}}),)),
    Answered(API + "DeleteMessage.html", "deleting again does no harm", "delete_message", Q | HANDLE,
             lambda a: a["ResponseMetadata"]["HTTPStatusCode"] == 200, (("delete_message", Q | HANDLE),)),
    Answered(API + "ChangeMessageVisibility.html", "0 gives a message back at once", "receive_message", got(),
             lambda a: len(bodies(a)) == 1, (("change_message_visibility", Q | HANDLE | {"VisibilityTimeout": 0}),)),
    Answered(API + "PurgeQueue.html", "nothing is left", "receive_message", got(), lambda a: bodies(a) == [], (sent(),
             ("purge_queue", Q))),
    Answered(BATCH, "entries fail by themselves", "send_message_batch", Q | {"Entries": [
        {"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "x", "DelaySeconds": 901}]},
        lambda a: ([e["Id"] for e in a["Successful"]], [(e["Id"], e["Code"], e["SenderFault"]) for e in a["Failed"]]) == (
            ["good"], [("bad", "InvalidParameterValue", True)])),
    Answered(API + "DeleteMessageBatch.html", "handles fail by themselves", "delete_message_batch", Q | {"Entries": [
        {"Id": "good", **HANDLE}, {"Id": "bad", "ReceiptHandle": "nonsense"}]},
        lambda a: ([e["Id"] for e in a["Successful"]], [(e["Id"], e["Code"]) for e in a["Failed"]]) == (
            ["good"], [("bad", "ReceiptHandleIsInvalid")])),
    Answered(FIFO, "the same content is taken once in five minutes", "receive_message", got(C), lambda a: bodies(a) == ["a"],
             (sent("a", C, **GROUP), sent("a", C, **GROUP))),
    Answered(FIFO, "an id counts more than content", "receive_message", got(C), lambda a: bodies(a) == ["a", "a"],
             (sent("a", C, **GROUP), sent("a", C, MessageDeduplicationId="other", **GROUP))),
    Answered(GUIDE + "FIFO-queues-understanding-logic.html", "a group keeps its order", "receive_message", got(C),
             lambda a: bodies(a) == ["3", "1", "2"], tuple(sent(body, C, **GROUP) for body in "312")),
    Answered(GUIDE + "FIFO-queues-understanding-logic.html", "a group waits for what is in flight", "receive_message", got(C),
             lambda a: bodies(a) == [], (sent("a", C, **GROUP), ("receive_message", C), sent("b", C, **GROUP))),
    Answered(GUIDE + "FIFO-queues-understanding-logic.html", "other groups do not", "receive_message", got(C),
             lambda a: bodies(a) == ["b"], (sent("a", C, **GROUP), ("receive_message", C), sent("b", C, MessageGroupId="h"))),
    Answered(SEND, "FIFO queues number their messages", "send_message", text(where=C, **GROUP),
             lambda a: len(a["SequenceNumber"]) == 20),
    Answered(RECEIVE, "FIFO queues tell group, id and number", "receive_message", got(F, AttributeNames=["All"]),
             lambda a: {"MessageGroupId": "g", "MessageDeduplicationId": "d"}.items() <= a["Messages"][0]["Attributes"].items()
             and "SequenceNumber" in a["Messages"][0]["Attributes"], (sent("a", F, MessageDeduplicationId="d", **GROUP),)),
    Answered(RECEIVE, "the same attempt is given the same messages", "receive_message", got(C, ReceiveRequestAttemptId="one"),
             lambda a: bodies(a) == ["a"], (sent("a", C, **GROUP), ("receive_message", got(C, ReceiveRequestAttemptId="one")))),
    Answered(API + "ListQueueTags.html", "tags come and go", "list_queue_tags", Q, lambda a: a["Tags"] == {"b": "2"},
             (("tag_queue", Q | {"Tags": {"a": "1", "b": "2"}}), ("untag_queue", Q | {"TagKeys": ["a"]}))),
    Answered(API + "AddPermission.html", "a permission is a statement of the policy", "get_queue_attributes",
             attributes_of("{q}", "Policy"),
             lambda a: json.loads(a["Attributes"]["Policy"])["Statement"][0]["Action"] == "SQS:SendMessage",
             (("add_permission", Q | {"Label": "l", "AWSAccountIds": ["111122223333"], "Actions": ["SendMessage"]}),)),
    Answered(API + "ListMessageMoveTasks.html", "no tasks where none was", "list_message_move_tasks", {"SourceArn": ARN + "d"},
             lambda a: a.get("Results", []) == []),
]


@pytest.fixture
def world(cloud: Cloud) -> Any:
    """Queues, and a message in flight."""
    sqs = cloud.client("sqs")
    names = {"account": cloud.account, "gone": f"{cloud.endpoint}/{cloud.account}/gone"}
    for name, queue, attributes in (
            ("q", "q", {}), ("d", "d", {}), ("f", "f.fifo", {"FifoQueue": "true"}),
            ("c", "c.fifo", {"FifoQueue": "true", "ContentBasedDeduplication": "true"})):
        names[name] = sqs.create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]
    sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": json.dumps(
        {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{cloud.account}:d", "maxReceiveCount": 3})})
    sqs.send_message(QueueUrl=names["q"], MessageBody="in flight")
    names["handle"] = sqs.receive_message(QueueUrl=names["q"])["Messages"][0]["ReceiptHandle"]
    return SimpleNamespace(client=sqs, names=names)


@pytest.mark.parametrize("row", REFUSALS, ids=ids(REFUSALS))
def test_what_aws_refuses(world: Any, row: Refused) -> None:
    check(row, world.client, world.names)


@pytest.mark.parametrize("row", ANSWERS, ids=ids(ANSWERS))
def test_what_aws_answers(world: Any, row: Answered) -> None:
    check(row, world.client, world.names)


def test_there_are_a_hundred_of_them() -> None:
    assert len({(row.operation, row.what) for row in (*REFUSALS, *ANSWERS)}) >= 100

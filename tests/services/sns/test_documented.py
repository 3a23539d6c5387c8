"""What AWS's pages say of SNS, row by row: each with its page, asked over the wire; of refusals code, status and message.

In members, {t} is a topic, {f} a FIFO topic, {c} one that knows content again, {gone} none; {s} the subscription of the queue
{q} to {t}; {app} a platform application, {device} its endpoint.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from conftest import Cloud
from services.documented import Answered, Members, Refused, check, ids

API = "https://docs.aws.amazon.com/sns/latest/api/API_"
GUIDE = "https://docs.aws.amazon.com/sns/latest/dg/"
T, F, C, GONE = ({"TopicArn": arn} for arn in ("{t}", "{f}", "{c}", "{gone}"))
BAD, VALUE, NOT_FOUND = ("InvalidParameter", 400), ("ParameterValueInvalid", 400), ("NotFound", 404)
NO_TOPIC, NO_SUBSCRIPTION = (*NOT_FOUND, "Topic does not exist"), (*NOT_FOUND, "Subscription does not exist")
X = {"DataType": "String", "StringValue": "x"}
PHONE = "+14155550100"


def topic(name: str = "new", **attributes: str) -> Members:
    return {"Name": name, "Attributes": attributes} if attributes else {"Name": name}


def setting(name: str, value: Any, where: Members = T) -> Members:
    return where | {"AttributeName": name, "AttributeValue": value if isinstance(value, str) else json.dumps(value)}


def message(text: str = "x", where: Members = T, **more: Any) -> Members:
    return where | {"Message": text} | more


def attribute(name: str = "a", **value: Any) -> Members:
    return message(MessageAttributes={name: value})


def subscribe(protocol: str, endpoint: str, where: Members = T, **attributes: Any) -> Members:
    given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in attributes.items()}
    return where | {"Protocol": protocol, "Endpoint": endpoint, "ReturnSubscriptionArn": True} | (
        {"Attributes": given} if given else {})


def filtered(policy: Any, **more: Any) -> Members:
    return subscribe("sqs", "{q}2", FilterPolicy=policy, **more)


def of(name: str, value: Any) -> Members:
    """A setting of the subscription {s}."""
    return {"SubscriptionArn": "{s}", "AttributeName": name, "AttributeValue": value if isinstance(value,
    str) else json.dumps(value)}


def entries(*numbers: Any, **more: Any) -> Members:
    return T | {"PublishBatchRequestEntries": [{"Id": str(n), "Message": "x", **more} for n in numbers]}


def told(answer: Any) -> dict[str, str]:
    return dict(answer["Attributes"])


def arns(answer: Any) -> list[str]:
    return [each["SubscriptionArn"] for each in answer["Subscriptions"]]


PUBLISH, BATCH, SUBSCRIBE, CREATE, SET = (f"{API}{name}.html" for name in (
    "Publish", "PublishBatch", "Subscribe", "CreateTopic", "SetTopicAttributes"))
ATTRIBUTES, FILTERS, RETRIES = GUIDE + "sns-message-attributes.html", GUIDE + "sns-subscription-filter-policies.html", \
    GUIDE + "sns-message-delivery-retries.html"
DLQ, RAW, PUSH = GUIDE + "sns-dead-letter-queues.html", GUIDE + "sns-large-payload-raw-message-delivery.html", \
    GUIDE + "sns-mobile-application-as-subscriber.html"
FIFO, DEDUPLICATION = GUIDE + "fifo-topic-message-grouping.html", GUIDE + "fifo-message-dedup.html"
ARCHIVE, PROTECT = GUIDE + "message-archiving-and-replay-topic-owner.html", GUIDE + "sns-message-data-protection-policies.html"
REFUSALS = [
    # --- topics ---
    Refused(CREATE, "names have at most 256 characters", "create_topic", topic("a" * 257), *BAD,
            "Invalid parameter: Topic Name"),
    Refused(CREATE, "names have no spaces", "create_topic", topic("a b"), *BAD, "Invalid parameter: Topic Name"),
    Refused(CREATE, "names have no periods", "create_topic", topic("a.b"), *BAD, "Topic Name"),
    Refused(CREATE, "names of FIFO topics end in .fifo", "create_topic", topic("new", FifoTopic="true"), *BAD,
            "Fifo Topic names must end with .fifo"),
    Refused(CREATE, ".fifo is for FIFO topics", "create_topic", topic("new.fifo"), *BAD, "Topic Name"),
    Refused(CREATE, "no such attribute", "create_topic", topic(Colour="red"), *BAD, "AttributeName"),
    Refused(CREATE, "a topic of other attributes has the name", "create_topic", topic("t", DisplayName="Other"), *BAD,
            "Topic already exists with different attributes"),
    Refused(CREATE, "a topic of other tags has the name", "create_topic", topic("t") | {"Tags": [{"Key": "a",
            "Value": "b"}]}, *BAD,
            "Topic already exists with different tags"),
    Refused(CREATE, "content is known again in FIFO topics only", "create_topic", topic(ContentBasedDeduplication="true"),
            *BAD, ""),
    Refused(SET, "display names have at most 100 characters", "set_topic_attributes", setting("DisplayName", "x" * 101), *BAD,
            "DisplayName"),
    Refused(SET, "signatures have version 1 or 2", "set_topic_attributes", setting("SignatureVersion", "3"), *BAD,
            "SignatureVersion"),
    Refused(SET, "a topic does not become FIFO", "set_topic_attributes", setting("FifoTopic", "true"), *BAD, "AttributeName"),
    Refused(SET, "a policy is one", "set_topic_attributes", setting("Policy", "nonsense"), *BAD, "Policy"),
    Refused(SET, "sizes begin at 1 KiB", "set_topic_attributes", setting("MaximumMessageSize", "1023"), *BAD,
            "MaximumMessageSize"),
    Refused(SET, "sizes end at 1 MiB", "set_topic_attributes", setting("MaximumMessageSize", "1048577"), *BAD,
            "MaximumMessageSize"),
    Refused(SET, "a sample rate is a percentage", "set_topic_attributes", setting("SQSSuccessFeedbackSampleRate", "101"), *BAD,
            "SQSSuccessFeedbackSampleRate"),
    Refused(SET, "attributes of no topic", "set_topic_attributes", setting("DisplayName", "x", GONE), *NO_TOPIC),
    Refused(API + "GetTopicAttributes.html", "attributes of no topic are told", "get_topic_attributes", GONE, *NO_TOPIC),
    Refused(API + "GetTopicAttributes.html", "an ARN has six elements", "get_topic_attributes", {"TopicArn": "t"}, *BAD,
            "TopicArn Reason: An ARN must have at least 6 elements, not 1"),
    Refused(API + "ListSubscriptionsByTopic.html", "subscriptions of no topic", "list_subscriptions_by_topic", GONE, *NO_TOPIC),
    Refused(API + "AddPermission.html", "actions are SNS's", "add_permission",
            T | {"Label": "l", "AWSAccountId": ["111122223333"], "ActionName": ["Sing"]}, *BAD, "action out of service scope"),
    Refused(API + "AddPermission.html", "labels are there once", "add_permission",
            T | {"Label": "l", "AWSAccountId": ["111122223333"], "ActionName": ["Publish"]}, *BAD, "Statement already exists",
            (("add_permission", T | {"Label": "l", "AWSAccountId": ["111122223333"], "ActionName": ["Publish"]}),)),
    Refused(GUIDE + "sns-tags.html", "at most 50 tags", "tag_resource", {"ResourceArn": "{t}", "Tags": [
        {"Key": str(n), "Value": ""} for n in range(51)]}, "TagLimitExceeded", 400, "tag quota"),
    Refused(GUIDE + "sns-tags.html", "keys do not begin with aws:", "tag_resource",
            {"ResourceArn": "{t}", "Tags": [{"Key": "aws:a", "Value": "b"}]}, *BAD, "aws:"),
    Refused(API + "ListTagsForResource.html", "tags of no topic", "list_tags_for_resource", {"ResourceArn": "{gone}"},
            "ResourceNotFound", 404, "Resource does not exist"),
    # --- subscriptions ---
    Refused(SUBSCRIBE, "protocols are known", "subscribe", subscribe("pigeon", "x"), *BAD,
            "Amazon SNS does not support this protocol string: pigeon"),
    Refused(SUBSCRIBE, "subscribing to no topic", "subscribe", subscribe("sqs", "{q}", GONE), *NO_TOPIC),
    Refused(SUBSCRIBE, "the endpoint of sqs is a queue's ARN", "subscribe", subscribe("sqs", "https://example.com/q"), *BAD,
            "Invalid parameter: SQS endpoint ARN"),
    Refused(SUBSCRIBE, "the endpoint of http begins with http://", "subscribe", subscribe("http", "https://example.com"), *BAD,
            "Endpoint must match the specified protocol"),
    Refused(SUBSCRIBE, "the endpoint of https begins with https://", "subscribe", subscribe("https", "http://example.com"),
            *BAD,
            "Endpoint must match the specified protocol"),
    Refused(SUBSCRIBE, "the endpoint of email is an address", "subscribe", subscribe("email", "nobody"), *BAD, "Email address"),
    Refused(SUBSCRIBE, "the endpoint of email-json is an address", "subscribe", subscribe("email-json", "a@"), *BAD,
            "Email address"),
    Refused(SUBSCRIBE, "the endpoint of sms is a number", "subscribe", subscribe("sms", "nobody"), *BAD,
            "Invalid SMS endpoint: nobody"),
    Refused(SUBSCRIBE, "the endpoint of application is an endpoint's ARN", "subscribe", subscribe("application", "{app}"), *BAD,
            "Application endpoint arn invalid"),
    Refused(SUBSCRIBE, "no such attribute of a subscription", "subscribe", subscribe("sqs", "{q}2", Colour="red"), *BAD,
            "Attributes"),
    Refused(SUBSCRIBE, "the same endpoint with other attributes", "subscribe", subscribe("sqs", "{q}",
            RawMessageDelivery="true"), *BAD,
            "Subscription already exists with different attributes"),
    Refused(GUIDE + "fifo-topic-message-delivery.html", "FIFO topics do not reach web servers", "subscribe",
            subscribe("https", "https://example.com", F), *BAD, "Invalid protocol type: https"),
    Refused(GUIDE + "fifo-topic-message-delivery.html", "FIFO topics do not reach mail addresses", "subscribe",
            subscribe("email", "a@example.com", F), *BAD, "Invalid protocol type: email"),
    Refused(GUIDE + "fifo-topic-message-delivery.html", "FIFO queues are for FIFO topics", "subscribe", subscribe("sqs",
            "{q}.fifo"),
            *BAD, "FIFO SQS Queues can not be subscribed to standard SNS topics"),
    Refused(RAW, "raw delivery is true or false", "subscribe", subscribe("sqs", "{q}2", RawMessageDelivery="maybe"), *BAD,
            "RawMessageDelivery"),
    Refused(RAW, "mails are not raw", "subscribe", subscribe("email", "a@example.com", RawMessageDelivery="true"), *BAD,
            "Delivery protocol [email] does not support raw message delivery."),
    Refused(RAW, "texts are not raw", "subscribe", subscribe("sms", PHONE, RawMessageDelivery="true"), *BAD,
            "Delivery protocol [sms] does not support raw message delivery."),
    Refused(API + "ConfirmSubscription.html", "a token that is none", "confirm_subscription", T | {"Token": "nonsense"}, *BAD,
            "Invalid parameter: Token"),
    Refused(API + "ConfirmSubscription.html", "a token for no topic", "confirm_subscription", GONE | {"Token": "nonsense"},
            *NO_TOPIC),
    Refused(API + "GetSubscriptionAttributes.html", "no subscription", "get_subscription_attributes",
            {"SubscriptionArn": "{s}0"},
            *NO_SUBSCRIPTION),
    Refused(API + "SetSubscriptionAttributes.html", "no subscription to change", "set_subscription_attributes",
            of("RawMessageDelivery", "true") | {"SubscriptionArn": "{s}0"}, *NO_SUBSCRIPTION),
    Refused(API + "SetSubscriptionAttributes.html", "no such attribute to change", "set_subscription_attributes",
            of("Colour", "red"),
            *BAD, "AttributeName"),
    Refused(API + "Unsubscribe.html", "an ARN that is none", "unsubscribe", {"SubscriptionArn": "nonsense"}, *BAD,
            "SubscriptionArn"),
    Refused(DLQ, "a redrive policy names its queue", "set_subscription_attributes", of("RedrivePolicy", {"other": 1}), *BAD,
            "RedrivePolicy: deadLetterTargetArn is a required attribute"),
    Refused(DLQ, "dead letters go to queues", "set_subscription_attributes", of("RedrivePolicy",
            {"deadLetterTargetArn": "{t}"}), *BAD,
            "deadLetterTargetArn is an invalid arn"),
    # --- filter policies ---
    Refused(FILTERS, "a filter policy is JSON", "subscribe", filtered("{"), *BAD, "FilterPolicy: failed to parse JSON"),
    Refused(FILTERS, "the scope is attributes or body", "subscribe", filtered({"a": ["b"]}, FilterPolicyScope="Half"), *BAD,
            "FilterPolicyScope: Invalid value [Half]. Please use either MessageBody or MessageAttributes"),
    Refused(FILTERS, "attributes are not nested", "subscribe", filtered({"a": {"b": ["c"]}}), *BAD, "nested"),
    Refused(FILTERS, "values stand in a list", "subscribe", filtered({"a": "b"}), *BAD, ""),
    Refused(FILTERS, "operators are known", "subscribe", filtered({"a": [{"like": "b"}]}), *BAD,
            "Unrecognized match type like"),
    Refused(GUIDE + "subscription-filter-policy-constraints.html", "at most five keys", "subscribe",
            filtered({str(n): ["x"] for n in range(6)}), *BAD, ""),
    Refused(GUIDE + "subscription-filter-policy-constraints.html", "at most 150 combinations", "subscribe",
            filtered({"a": [str(n) for n in range(151)]}), *BAD, ""),
    Refused(GUIDE + "numeric-value-matching.html", "numbers are compared with numbers", "subscribe",
            filtered({"a": [{"numeric": [">", "b"]}]}), *BAD, ""),
    Refused(GUIDE + "string-value-matching.html", "a prefix is a text", "subscribe", filtered({"a": [{"prefix": 1}]}), *BAD,
            ""),
    Refused(GUIDE + "string-value-matching.html", "exists is true or false", "subscribe",
            filtered({"a": [{"exists": "yes"}]}), *BAD, ""),
    # --- delivery policies ---
    Refused(RETRIES, "a policy is JSON", "set_topic_attributes", setting("DeliveryPolicy", "{"), *BAD, "DeliveryPolicy"),
    Refused(RETRIES, "delays begin at a second", "set_topic_attributes",
            setting("DeliveryPolicy", {"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 0}}}), *BAD, "minDelayTarget"),
    Refused(RETRIES, "the longest delay is not the shorter one", "set_topic_attributes",
            setting("DeliveryPolicy", {"http": {"defaultHealthyRetryPolicy": {"minDelayTarget": 30}}}), *BAD, "maxDelayTarget"),
    Refused(RETRIES, "at most 100 retries", "set_topic_attributes",
            setting("DeliveryPolicy", {"http": {"defaultHealthyRetryPolicy": {"numRetries": 101}}}), *BAD, "numRetries"),
    Refused(RETRIES, "an hour in all", "set_topic_attributes", setting("DeliveryPolicy",
            {"http": {"defaultHealthyRetryPolicy": {
        "numRetries": 4, "minDelayTarget": 1000, "maxDelayTarget": 1000}}}), *BAD,
        "http.defaultHealthyRetryPolicy: Total policy retry time cannot be greater than 3600 seconds"),
    Refused(RETRIES, "functions of back-off are known", "set_topic_attributes",
            setting("DeliveryPolicy", {"http": {"defaultHealthyRetryPolicy": {"backoffFunction": "odd"}}}), *BAD,
            "backoffFunction"),
    Refused(RETRIES, "at least one message a second", "set_topic_attributes",
            setting("DeliveryPolicy", {"http": {"defaultThrottlePolicy": {"maxReceivesPerSecond": 0}}}), *BAD,
            "maxReceivesPerSecond"),
    Refused(RETRIES, "a topic's content type is text or JSON", "set_topic_attributes",
            setting("DeliveryPolicy", {"http": {"defaultRequestPolicy": {"headerContentType": "text/csv"}}}), *BAD,
            "headerContentType"),
    Refused(RETRIES, "only HTTP has a delivery policy", "set_subscription_attributes",
            of("DeliveryPolicy", {"healthyRetryPolicy": {"numRetries": 1}}), *BAD, "does not support delivery policy"),
    # --- publishing ---
    Refused(PUBLISH, "messages are not empty", "publish", message(""), *BAD, "Invalid parameter: Empty message"),
    Refused(PUBLISH, "messages end at 256 KiB", "publish", message("x" * 262_145), *BAD, "Invalid parameter: Message too long"),
    Refused(PUBLISH, "attributes count in the size", "publish", message("x" * 262_140, MessageAttributes={"abc": X}), *BAD,
            "too long"),
    Refused(PUBLISH, "subjects have less than 100 characters", "publish", message(Subject="x" * 100), *BAD, "Subject"),
    Refused(PUBLISH, "subjects have no line breaks", "publish", message(Subject="a\nb"), *BAD, "Subject"),
    Refused(PUBLISH, "a structure is json", "publish", message(MessageStructure="xml"), *BAD, "MessageStructure"),
    Refused(PUBLISH, "a structured message is JSON", "publish", message("{", MessageStructure="json"), *BAD,
            "Message Structure - JSON message body failed to parse"),
    Refused(PUBLISH, "a structured message has a default", "publish", message('{"sqs":"x"}', MessageStructure="json"), *BAD,
            "Message Structure - No default entry in JSON message body"),
    Refused(PUBLISH, "publishing nowhere", "publish", {"Message": "x"}, *BAD, "TopicArn or TargetArn"),
    Refused(PUBLISH, "publishing to no topic", "publish", message(where=GONE), *NO_TOPIC),
    Refused(ATTRIBUTES, "attributes have a type", "publish", attribute(DataType="", StringValue="x"), *VALUE, "type"),
    Refused(ATTRIBUTES, "types are known", "publish", attribute(DataType="Truth", StringValue="x"), *VALUE,
            "the set of supported type prefixes is Binary, Number, and String"),
    Refused(ATTRIBUTES, "values are not empty", "publish", attribute(DataType="String", StringValue=""), *VALUE, "non-empty"),
    Refused(ATTRIBUTES, "numbers are numbers", "publish", attribute(DataType="Number", StringValue="ten"), *VALUE,
            "Could not cast message attribute 'a' value to number"),
    Refused(ATTRIBUTES, "names do not begin with a period", "publish", attribute(".a", **X), *VALUE, "Invalid attribute name"),
    Refused(ATTRIBUTES, "names have no two periods beside each other", "publish", attribute("a..b", **X), *VALUE,
            "attribute name"),
    Refused(ATTRIBUTES, "names have at most 256 characters", "publish", attribute("a" * 257, **X), *VALUE, "attribute name"),
    # --- FIFO ---
    Refused(FIFO, "messages have a group", "publish", message(where=F), *BAD,
            "The MessageGroupId parameter is required for FIFO topics"),
    Refused(DEDUPLICATION, "a topic that does not know content is told an id", "publish", message(where=F,
            MessageGroupId="g"), *BAD,
            "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"),
    Refused(PUBLISH, "groups have at most 128 characters", "publish", message(where=C, MessageGroupId="g" * 129), *BAD,
            "MessageGroupId"),
    Refused(PUBLISH, "deduplication ids have no spaces", "publish", message(where=C, MessageGroupId="g",
            MessageDeduplicationId="a b"),
            *BAD, "MessageDeduplicationId"),
    Refused(PUBLISH, "standard topics take no deduplication id", "publish", message(MessageDeduplicationId="d"), *BAD,
            "MessageDeduplicationId"),
    Refused(ARCHIVE, "archives are for FIFO topics", "set_topic_attributes", setting("ArchivePolicy",
            {"MessageRetentionPeriod": "1"}),
            *BAD, ""),
    Refused(ARCHIVE, "archives keep 365 days at most", "set_topic_attributes",
            setting("ArchivePolicy", {"MessageRetentionPeriod": "366"}, F), *BAD, "ArchivePolicy"),
    # --- batches ---
    Refused(BATCH, "a batch is not empty", "publish_batch", T | {"PublishBatchRequestEntries": []}, "EmptyBatchRequest", 400,
            ""),
    Refused(BATCH, "a batch has ten entries at most", "publish_batch", entries(*range(11)), "TooManyEntriesInBatchRequest", 400,
            "more entries than permissible"),
    Refused(BATCH, "ids of a batch differ", "publish_batch", entries(1, 1), "BatchEntryIdsNotDistinct", 400, "the same Id"),
    Refused(BATCH, "ids of a batch have no spaces", "publish_batch", entries("a b"), "InvalidBatchEntryId", 400,
            "Id of a batch entry"),
    Refused(BATCH, "ids of a batch have at most 80 characters", "publish_batch", entries("a" * 81), "InvalidBatchEntryId",
            400, ""),
    Refused(BATCH, "a batch is 256 KiB at most, all together", "publish_batch", entries(1, 2, Message="x" * 140_000),
            "BatchRequestTooLong", 400, "more than the limit"),
    # --- texts ---
    Refused(GUIDE + "sms_sending-overview.html", "a number is one", "publish", {"Message": "x", "PhoneNumber": "nobody"}, *BAD,
            "PhoneNumber Reason: nobody is not valid to publish to"),
    Refused(PUBLISH, "texts have at most 1,600 characters", "publish", {"Message": "x" * 1601, "PhoneNumber": PHONE}, *BAD,
            "too long"),
    Refused(API + "SetSMSAttributes.html", "sender ids have a letter", "set_sms_attributes",
            {"attributes": {"DefaultSenderID": "123"}},
            *BAD, "DefaultSenderID"),
    Refused(API + "SetSMSAttributes.html", "sender ids have at most 11 characters", "set_sms_attributes",
            {"attributes": {"DefaultSenderID": "a" * 12}}, *BAD, "DefaultSenderID"),
    Refused(API + "SetSMSAttributes.html", "texts are promotional or transactional", "set_sms_attributes",
            {"attributes": {"DefaultSMSType": "Urgent"}}, *BAD, "DefaultSMSType"),
    Refused(API + "CheckIfPhoneNumberIsOptedOut.html", "numbers are in E.164", "check_if_phone_number_is_opted_out",
            {"phoneNumber": "nobody"}, *BAD, "input incorrectly formatted"),
    Refused(API + "VerifySMSSandboxPhoneNumber.html", "a number that is not there", "verify_sms_sandbox_phone_number",
            {"PhoneNumber": PHONE, "OneTimePassword": "12345"}, "ResourceNotFound", 404, ""),
    Refused(API + "DeleteSMSSandboxPhoneNumber.html", "a number is kept for 24 hours", "delete_sms_sandbox_phone_number",
            {"PhoneNumber": PHONE}, "UserError", 400, "24 hours", (("create_sms_sandbox_phone_number",
            {"PhoneNumber": PHONE}),)),
    # --- pushes ---
    Refused(API + "CreatePlatformApplication.html", "platforms are known", "create_platform_application",
            {"Name": "a", "Platform": "PIGEON", "Attributes": {"PlatformCredential": "k"}}, *BAD, "Platform Reason: PIGEON"),
    Refused(API + "CreatePlatformApplication.html", "names of applications", "create_platform_application",
            {"Name": "a b", "Platform": "GCM", "Attributes": {"PlatformCredential": "k"}}, *BAD, "Name"),
    Refused(API + "CreatePlatformEndpoint.html", "user data has at most 2 KB", "create_platform_endpoint",
            {"PlatformApplicationArn": "{app}", "Token": "t", "CustomUserData": "x" * 2049}, *BAD, "at most 2048 bytes long"),
    Refused(API + "CreatePlatformEndpoint.html", "the same token with other attributes", "create_platform_endpoint",
            {"PlatformApplicationArn": "{app}", "Token": "token", "CustomUserData": "other"}, *BAD,
            "already exists with the same Token, but different attributes"),
    Refused(API + "CreatePlatformEndpoint.html", "no application", "create_platform_endpoint",
            {"PlatformApplicationArn": "{app}0", "Token": "t"}, *NOT_FOUND, "PlatformApplication does not exist"),
    Refused(API + "GetEndpointAttributes.html", "no endpoint", "get_endpoint_attributes", {"EndpointArn": "{device}0"},
            *NOT_FOUND,
            "Endpoint does not exist"),
    Refused(PUSH, "disabled endpoints are not sent to", "publish", {"TargetArn": "{device}", "Message": "x"},
            "EndpointDisabled", 400,
            "Endpoint is disabled", (("set_endpoint_attributes", {"EndpointArn": "{device}",
            "Attributes": {"Enabled": "false"}}),)),
    Refused(PUSH, "pushing to no endpoint", "publish", {"TargetArn": "{device}0", "Message": "x"}, *BAD,
            "TargetArn Reason: No endpoint found for the target arn specified"),
    # --- data protection ---
    Refused(PROTECT, "a policy has its version", "put_data_protection_policy",
            {"ResourceArn": "{t}", "DataProtectionPolicy": '{"Name":"p","Version":"2012-10-17","Statement":[]}'}, *BAD,
            "2021-06-01"),
    Refused(PROTECT, "no topic to protect", "put_data_protection_policy", {"ResourceArn": "{gone}",
            "DataProtectionPolicy": "{}"},
            *NO_TOPIC),
]
GROUP = {"MessageGroupId": "g"}
ANSWERS = [
    Answered(CREATE, "the same topic again", "create_topic", topic("t"), lambda a: a["TopicArn"].endswith(":t")),
    Answered(CREATE, "256 characters", "create_topic", topic("a" * 256), lambda a: a["TopicArn"].endswith("a" * 256)),
    Answered(API + "DeleteTopic.html", "a topic that is not there is deleted", "delete_topic", GONE,
             lambda a: a["ResponseMetadata"]["HTTPStatusCode"] == 200),
    Answered(API + "DeleteTopic.html", "its subscriptions go with it", "list_subscriptions", {}, lambda a: arns(a) == [],
             (("delete_topic", T),)),
    Answered(API + "GetTopicAttributes.html", "how many are subscribed", "get_topic_attributes", T,
             lambda a: (told(a)["SubscriptionsConfirmed"], told(a)["SubscriptionsPending"]) == ("1", "1"),
             (("subscribe", subscribe("email", "a@example.com")),)),
    Answered(API + "GetTopicAttributes.html", "how many were deleted", "get_topic_attributes", T,
             lambda a: told(a)["SubscriptionsDeleted"] == "1", (("unsubscribe", {"SubscriptionArn": "{s}"}),)),
    Answered(RETRIES, "three retries, 20 seconds apart", "get_topic_attributes", T,
             lambda a: json.loads(told(a)["EffectiveDeliveryPolicy"])["http"]["defaultHealthyRetryPolicy"] == {
                 "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0, "numNoDelayRetries": 0,
                 "numMinDelayRetries": 0, "backoffFunction": "linear"}),
    Answered(GUIDE + "sns-verify-signature-of-message.html", "version 2 signs by SHA256", "get_topic_attributes", T,
             lambda a: told(a)["SignatureVersion"] == "2", (("set_topic_attributes", setting("SignatureVersion", "2")),)),
    Answered(API + "ListTagsForResource.html", "tags come and go", "list_tags_for_resource", {"ResourceArn": "{t}"},
             lambda a: a["Tags"] == [{"Key": "b", "Value": "2"}],
             (("tag_resource", {"ResourceArn": "{t}", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}),
              ("untag_resource", {"ResourceArn": "{t}", "TagKeys": ["a"]}))),
    Answered(SUBSCRIBE, "the same subscription again", "subscribe", subscribe("sqs", "{q}"),
             lambda a: a["SubscriptionArn"].rpartition(":")[0].endswith(":t")),
    Answered(SUBSCRIBE, "mail addresses must confirm", "subscribe", subscribe("email",
             "a@example.com") | {"ReturnSubscriptionArn": False},
             lambda a: a["SubscriptionArn"] == "pending confirmation"),
    Answered(SUBSCRIBE, "the ARN is told before that, on demand", "subscribe", subscribe("email", "a@example.com"),
             lambda a: a["SubscriptionArn"].startswith("arn:aws:sns:")),
    Answered(API + "ListSubscriptions.html", "who has not confirmed is pending", "list_subscriptions", {},
             lambda a: "PendingConfirmation" in arns(a), (("subscribe", subscribe("email", "a@example.com")),)),
    Answered(SUBSCRIBE, "numbers need not confirm", "subscribe", subscribe("sms", PHONE),
             lambda a: ":t:" in a["SubscriptionArn"]),
    Answered(SUBSCRIBE, "devices need not confirm", "subscribe", subscribe("application", "{device}"),
             lambda a: ":t:" in a["SubscriptionArn"]),
    Answered(API + "Unsubscribe.html", "ending again does no harm", "unsubscribe", {"SubscriptionArn": "{s}"},
             lambda a: a["ResponseMetadata"]["HTTPStatusCode"] == 200, (("unsubscribe", {"SubscriptionArn": "{s}"}),)),
    Answered(FILTERS, "filters look at attributes by default", "get_subscription_attributes", {"SubscriptionArn": "{s}"},
             lambda a: told(a)["FilterPolicyScope"] == "MessageAttributes",
             (("set_subscription_attributes", of("FilterPolicy", {"a": ["b"]})),)),
    Answered(PUBLISH, "a message has an id", "publish", message(), lambda a: len(a["MessageId"]) == 36),
    Answered(GUIDE + "large-message-payloads.html", "up to 1 MiB where the topic says so", "publish", message("x" * 1_000_000),
             lambda a: "MessageId" in a, (("set_topic_attributes", setting("MaximumMessageSize", "1048576")),)),
    Answered(ATTRIBUTES, "lists of texts", "publish", attribute(DataType="String.Array", StringValue='["a",1,true,null]'),
             lambda a: "MessageId" in a),
    Answered(FIFO, "FIFO topics number their messages", "publish", message(where=C, **GROUP),
             lambda a: len(a["SequenceNumber"]) == 20),
    Answered(PUBLISH, "standard topics may have groups, for fair queues", "publish", message(**GROUP),
             lambda a: "MessageId" in a),
    Answered(BATCH, "entries fail by themselves", "publish_batch", T | {"PublishBatchRequestEntries": [
        {"Id": "good", "Message": "x"}, {"Id": "bad", "Message": "x", "Subject": "a\nb"}]},
        lambda a: ([e["Id"] for e in a["Successful"]], [(e["Id"], e["Code"]) for e in a["Failed"]]) == (
            ["good"], [("bad", "InvalidParameter")])),
    Answered(API + "GetSMSSandboxAccountStatus.html", "accounts begin in the sandbox", "get_sms_sandbox_account_status", {},
             lambda a: a["IsInSandbox"] is True),
    Answered(API + "ListSMSSandboxPhoneNumbers.html", "numbers are pending first", "list_sms_sandbox_phone_numbers", {},
             lambda a: a["PhoneNumbers"] == [{"PhoneNumber": PHONE, "Status": "Pending"}],
             (("create_sms_sandbox_phone_number", {"PhoneNumber": PHONE}),)),
    Answered(API + "GetSMSAttributes.html", "one setting", "get_sms_attributes", {"attributes": ["DefaultSMSType"]},
             lambda a: a["attributes"] == {"DefaultSMSType": "Transactional"},
             (("set_sms_attributes", {"attributes": {"DefaultSMSType": "Transactional"}}),)),
    Answered(API + "CreatePlatformEndpoint.html", "the same token again", "create_platform_endpoint",
             {"PlatformApplicationArn": "{app}", "Token": "token"}, lambda a: ":endpoint/GCM/" in a["EndpointArn"]),
    Answered(API + "GetEndpointAttributes.html", "endpoints begin enabled", "get_endpoint_attributes",
             {"EndpointArn": "{device}"},
             lambda a: told(a) == {"Enabled": "true", "Token": "token"}),
    Answered(API + "DeleteEndpoint.html", "deleting again does no harm", "delete_endpoint", {"EndpointArn": "{device}"},
             lambda a: a["ResponseMetadata"]["HTTPStatusCode"] == 200, (("delete_endpoint", {"EndpointArn": "{device}"}),)),
    Answered(ARCHIVE, "an archive has its beginning", "get_topic_attributes", F, lambda a: "BeginningArchiveTime" in told(a),
             (("set_topic_attributes", setting("ArchivePolicy", {"MessageRetentionPeriod": "1"}, F)),)),
]


@pytest.fixture
def world(cloud: Cloud) -> Any:
    """Topics with a queue, and an application with a device."""
    sns = cloud.client("sns")
    names = {"account": cloud.account, "gone": f"arn:aws:sns:us-east-1:{cloud.account}:gone",
             "q": f"arn:aws:sqs:us-east-1:{cloud.account}:q"}
    fifo = {"FifoTopic": "true"}
    for name, called, attributes in (("t", "t", {}), ("f", "f.fifo", fifo), ("c", "c.fifo", fifo | {
            "ContentBasedDeduplication": "true"})):
        names[name] = sns.create_topic(Name=called, Attributes=attributes)["TopicArn"]
    cloud.client("sqs").create_queue(QueueName="q")
    names["s"] = sns.subscribe(TopicArn=names["t"], Protocol="sqs", Endpoint=names["q"])["SubscriptionArn"]
    names["app"] = sns.create_platform_application(Name="app", Platform="GCM", Attributes={
        "PlatformCredential": "key"})["PlatformApplicationArn"]
    names["device"] = sns.create_platform_endpoint(PlatformApplicationArn=names["app"], Token="token")["EndpointArn"]
    return SimpleNamespace(client=sns, names=names)


@pytest.mark.parametrize("row", REFUSALS, ids=ids(REFUSALS))
def test_what_aws_refuses(world: Any, row: Refused) -> None:
    check(row, world.client, world.names)


@pytest.mark.parametrize("row", ANSWERS, ids=ids(ANSWERS))
def test_what_aws_answers(world: Any, row: Answered) -> None:
    check(row, world.client, world.names)


def test_the_same_content_is_published_once(world: Any) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html"""
    first, again = (world.client.publish(TopicArn=world.names["c"], Message="x", MessageGroupId="g") for _ in range(2))
    assert (first["MessageId"], first["SequenceNumber"]) == (again["MessageId"], again["SequenceNumber"])


def test_there_are_a_hundred_of_them() -> None:
    assert len({(row.operation, row.what) for row in (*REFUSALS, *ANSWERS)}) >= 100

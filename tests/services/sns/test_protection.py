"""Data protection policies: what is sensitive is refused, masked or noted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from cumulet.services.sns.identifiers import IDENTIFIERS, PREFIX
from services.sqs.queues import bodies, make, receive, refused

CARD, MAIL = "4111 1111 1111 1111", "ann@example.com"


def policy(*statements: Any, **more: Any) -> str:
    return json.dumps({"Name": "p", "Version": "2021-06-01", "Statement": statements, **more})


def statement(operation: Any, *names: str, direction: str = "Inbound", **more: Any) -> dict[str, Any]:
    return {"DataDirection": direction, "Principal": ["*"], "Operation": operation,
            "DataIdentifier": [PREFIX + name for name in names or ("CreditCardNumber",)], **more}


class Post:
    def __init__(self, cloud: Cloud, sns: Any, topic: str) -> None:
        self.sns, self.sqs, self.topic = sns, cloud.client("sqs"), topic
        self.url = make(self.sqs, "q")
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{cloud.account}:q",
                      Attributes={"RawMessageDelivery": "true"})

    def protect(self, *statements: Any, **more: Any) -> None:
        self.sns.put_data_protection_policy(ResourceArn=self.topic, DataProtectionPolicy=policy(*statements, **more))

    def through(self, text: str) -> list[str]:
        """What arrives of a message."""
        self.sns.publish(TopicArn=self.topic, Message=text)
        return bodies(receive(self.sqs, self.url))


@pytest.fixture
def post(cloud: Cloud, sns: Any, topic: str) -> Post:
    return Post(cloud, sns, topic)


def test_a_policy_is_kept_told_and_taken_away(post: Post) -> None:
    assert post.sns.get_data_protection_policy(ResourceArn=post.topic)["DataProtectionPolicy"] == ""
    text = policy(statement({"Deny": {}}))
    post.sns.put_data_protection_policy(ResourceArn=post.topic, DataProtectionPolicy=text)
    assert post.sns.get_data_protection_policy(ResourceArn=post.topic)["DataProtectionPolicy"] == text
    post.sns.put_data_protection_policy(ResourceArn=post.topic, DataProtectionPolicy="")
    assert post.through(CARD) == [CARD]
    made = post.sns.create_topic(Name="with", DataProtectionPolicy=policy(statement({"Deny": {}})))["TopicArn"]
    with refused("AuthorizationError"):
        post.sns.publish(TopicArn=made, Message=CARD)


def test_what_comes_in_is_refused(post: Post) -> None:
    post.protect(statement({"Deny": {}}, "CreditCardNumber", "EmailAddress"))
    assert post.through("4111 1111 1111 1112 is no card") == ["4111 1111 1111 1112 is no card"]
    for text in (f"my card is {CARD}.", f"write to {MAIL}"):
        with refused("AuthorizationError", "data protection policy"):
            post.sns.publish(TopicArn=post.topic, Message=text)
    told = post.sns.publish_batch(TopicArn=post.topic, PublishBatchRequestEntries=[
        {"Id": "1", "Message": "fine"}, {"Id": "2", "Message": CARD}])
    assert [e["Id"] for e in told["Successful"]] == ["1"]
    assert [(e["Id"], e["Code"]) for e in told["Failed"]] == [("2", "AuthorizationError")]


@pytest.mark.parametrize(("config", "seen"), [
    ({"MaskConfig": {"MaskWithCharacter": "*"}}, "pay ******************* now, ***************"),
    ({"RedactConfig": {}}, "pay  now, ")])
@pytest.mark.parametrize("direction", ["Inbound", "Outbound"])
def test_what_is_sensitive_is_masked(post: Post, config: Any, seen: str, direction: str) -> None:
    post.protect(statement({"Deidentify": config}, "CreditCardNumber", "EmailAddress", direction=direction))
    assert post.through(f"pay {CARD} now, {MAIL}") == [seen]


def test_what_goes_out_is_held_back(cloud: Cloud, post: Post) -> None:
    post.protect(statement({"Deny": {}}, direction="Outbound", Principal=["arn:aws:iam::999999999999:root"]))
    assert post.through(CARD) == [CARD]
    post.protect(statement({"Deny": {}}, direction="Outbound"))
    assert post.through(CARD) == []
    assert post.through("plain") == ["plain"]
    post.protect(statement({"Deny": {}}, direction="Outbound", NoPrincipal=[f"arn:aws:iam::{cloud.account}:root"]))
    assert post.through(CARD) == [CARD]


def test_findings_are_noted(cloud: Cloud, post: Post) -> None:
    group = f"/aws/vendedlogs/{cloud.account}"
    destinations = {"FindingsDestination": {"CloudWatchLogs": {"LogGroup": f"{group}-found"}},
                    "NoFindingsDestination": {"CloudWatchLogs": {"LogGroup": f"{group}-none"}}}
    post.protect(statement({"Audit": {"SampleRate": "99", **destinations}}))
    sent = [post.sns.publish(TopicArn=post.topic, Message=text)["MessageId"] for text in [f"x {CARD}"] * 20 + ["plain"] * 20]
    logs = cloud.client("logs")
    found, none = ([json.loads(e["message"]) for e in logs.filter_log_events(logGroupName=f"{group}-{which}")["events"]]
                   for which in ("found", "none"))
    assert {line["messageId"] for line in found} < set(sent[:20]) | {""}
    assert len(found) >= 10
    assert len(none) >= 10
    assert found[0]["dataIdentifiers"] == [
        {"name": "CreditCardNumber", "count": 1, "detections": [{"start": 2, "end": 21}]}]
    assert found[0]["resourceArn"] == post.topic


def test_own_identifiers(post: Post) -> None:
    post.protect(statement({"Deidentify": {"MaskConfig": {}}}, DataIdentifier=["Badge"]),
                 Configuration={"CustomDataIdentifier": [{"Name": "Badge", "Regex": "B-[0-9]{4}"}]})
    assert post.through("badge B-1234!") == ["badge ######!"]


@pytest.mark.parametrize(("text", "words"), [
    ("{", "failed to parse"), (json.dumps({"Name": "p", "Version": "2012-10-17"}), "Name and Version 2021-06-01"),
    (policy(), "Statement is required"), (policy(statement({"Deny": {}}, direction="Across")), "DataDirection"),
    (policy(statement({"Forbid": {}})), "Operation"), (policy(statement({"Deny": {}}, DataIdentifier=[])), "DataIdentifier"),
    (policy(statement({"Deidentify": {"MaskConfig": {"MaskWithCharacter": "ab"}}})), "MaskWithCharacter"),
    (policy(statement({"Audit": {"SampleRate": "100"}})), "SampleRate"),
    (policy(*[statement({"Audit": {"SampleRate": "1"}})] * 2), "only one audit statement"),
    (policy(statement({"Audit": {"SampleRate": "1", "FindingsDestination": {"CloudWatchLogs": {"LogGroup": "mine"}}}})),
     "/aws/vendedlogs/"),
    *[(policy(statement({"Deny": {}}), Configuration={"CustomDataIdentifier": [{"Name": "x", "Regex": regex}]}), "Regex")
      for regex in ("a+", "[a-z]*b", "a{1,}", "a{1,100}b{1,100}", "(a|b)", "a?" * 11)],
    (policy(statement({"Deny": {}}), Configuration={"CustomDataIdentifier": [{"Name": "x", "Regex": "("}]}), "Regex"),
    ("x" * 30_721, "too long"),
])
def test_how_not_to_write_a_policy(post: Post, text: str, words: str) -> None:
    with refused("InvalidParameter", words):
        post.sns.put_data_protection_policy(ResourceArn=post.topic, DataProtectionPolicy=text)


def test_what_is_not_known_is_refused(post: Post) -> None:
    for each in (statement({"Deny": {}}, "Name"), statement({"Audit": {"SampleRate": "1", "FindingsDestination": {"S3": {}}}})):
        with refused("NotImplemented"):
            post.protect(each)
    fifo = post.sns.create_topic(Name="t.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    with refused("InvalidParameter", "FIFO topics"):
        post.sns.put_data_protection_policy(ResourceArn=fifo, DataProtectionPolicy=policy(statement({"Deny": {}})))


@pytest.mark.parametrize(("name", "good", "bad"), [
    ("EmailAddress", "a.b+c@mail.example.co.uk", "a@b"), ("IpAddress", "10.0.0.255", "10.0.0.256"),
    ("IpAddress", "2001:db8::1", "12:30"), ("CreditCardNumber", "378282246310005", "378282246310006"),
    ("Ssn-US", "123-45-6789", "666-45-6789"), ("VehicleIdentificationNumber", "1HGCM82633A004352", "1HGCM82643A004352"),
    ("AwsSecretKey", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "a" * 40),
    ("OpenSshPrivateKey", "-----BEGIN OPENSSH PRIVATE KEY-----\nAA\n-----END OPENSSH PRIVATE KEY-----", "OPENSSH PRIVATE KEY"),
    ("PkcsPrivateKey", "-----BEGIN RSA PRIVATE KEY-----\nAA\n-----END RSA PRIVATE KEY-----", "-----BEGIN PUBLIC KEY-----"),
    ("BankAccountNumber-DE", "DE89 3704 0044 0532 0130 00", "DE88 3704 0044 0532 0130 00"),
    ("BankAccountNumber-GB", "GB29NWBK60161331926819", "GB28NWBK60161331926819"),
])
def test_identifiers_know_by_form_and_check_digits(name: str, good: str, bad: str) -> None:
    identifier = IDENTIFIERS[name]
    assert [good] == [f"x {good} y"[start:end] for start, end in identifier.spans(f"x {good} y")]
    assert list(identifier.spans(f"x {bad} y")) == []


@pytest.mark.parametrize("statement", [
    "Deny", {"DataDirection": "Inbound", "Principal": [{}], "Operation": {"Deny": {}}, "DataIdentifier": ["x"]},
    {"DataDirection": "Inbound", "Principal": ["*"], "Operation": {"Audit": ["x"]},
     "DataIdentifier": [PREFIX + "EmailAddress"]},
])
def test_a_policy_of_other_types_is_none(post: Post, statement: Any) -> None:
    with refused("InvalidParameter", "another type"):
        post.protect(statement)

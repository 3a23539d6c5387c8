"""Mobile pushes: applications, their devices, and what a platform would be sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conftest import Cloud
from services.sns.conftest import Mailbox
from services.sqs.queues import bodies, make, receive, refused

APPLE = "ab" * 32


def application(sns: Any, platform: str = "GCM", name: str = "app", **attributes: str) -> str:
    given = {"PlatformCredential": "key", **({} if platform == "GCM" else {"PlatformPrincipal": "who"}), **attributes}
    return str(sns.create_platform_application(Name=name, Platform=platform, Attributes=given)["PlatformApplicationArn"])


def device(sns: Any, app: str, token: str = "token", **members: Any) -> str:
    return str(sns.create_platform_endpoint(PlatformApplicationArn=app, Token=token, **members)["EndpointArn"])


@pytest.fixture
def gcm(sns: Any) -> str:
    return application(sns)


def test_an_application_is_made_told_changed_and_deleted(cloud: Cloud, sns: Any) -> None:
    arn = application(sns, EventEndpointCreated=f"arn:aws:sns:us-east-1:{cloud.account}:t")
    assert arn == f"arn:aws:sns:us-east-1:{cloud.account}:app/GCM/app"
    told = sns.get_platform_application_attributes(PlatformApplicationArn=arn)["Attributes"]
    assert told == {"Enabled": "true", "AuthenticationMethod": "Key",
                    "EventEndpointCreated": f"arn:aws:sns:us-east-1:{cloud.account}:t"}
    sns.set_platform_application_attributes(PlatformApplicationArn=arn, Attributes={
        "PlatformCredential": '{"type": "service_account"}', "EventEndpointCreated": "", "SuccessFeedbackSampleRate": "50"})
    told = sns.get_platform_application_attributes(PlatformApplicationArn=arn)["Attributes"]
    assert told == {"Enabled": "true", "AuthenticationMethod": "Token", "SuccessFeedbackSampleRate": "50"}
    assert sns.list_platform_applications()["PlatformApplications"] == [{"PlatformApplicationArn": arn, "Attributes": told}]
    endpoint = device(sns, arn)
    sns.delete_platform_application(PlatformApplicationArn=arn)
    sns.delete_platform_application(PlatformApplicationArn=arn)
    assert sns.list_platform_applications()["PlatformApplications"] == []
    with refused("NotFound", "PlatformApplication does not exist"):
        sns.get_platform_application_attributes(PlatformApplicationArn=arn)
    with refused("NotFound", "Endpoint does not exist"):
        sns.get_endpoint_attributes(EndpointArn=endpoint)


def test_making_an_application_again_gives_the_same_one_unless_it_differs(sns: Any) -> None:
    assert application(sns) == application(sns)
    with refused("InvalidParameter", "already exists with different attributes"):
        application(sns, PlatformCredential="another")


def test_a_credential_does_not_lie_readable_in_the_state(cloud: Cloud, sns: Any) -> None:
    from cumulet.services.sns.resources import Application

    application(sns, PlatformCredential="very secret")
    row: Any = cloud.kernel.store.run_now(lambda tx: tx.table(Application, cloud.account, "us-east-1").get("GCM/app"))
    assert b"very secret" not in row.credential
    assert "very secret" not in str(row.attributes)


@pytest.mark.parametrize(("members", "words"), [
    ({"Platform": "PIGEON"}, "Platform Reason: PIGEON is not supported"),
    ({"Name": "a b"}, "Name Reason"),
    ({"Attributes": {"PlatformPrincipal": "x"}}, "PlatformCredential is required"),
    ({"Platform": "ADM"}, "PlatformPrincipal is required"),
    ({"Attributes": {"PlatformCredential": "x", "Nonsense": "1"}}, "Invalid attribute name: Nonsense"),
    ({"Attributes": {"PlatformCredential": "x", "SuccessFeedbackSampleRate": "101"}}, "SuccessFeedbackSampleRate"),
    ({"Platform": "APNS", "Attributes": {"PlatformCredential": "x", "PlatformPrincipal": "y", "ApplePlatformTeamID": "A" * 10}},
     "go together"),
    ({"Platform": "APNS", "Attributes": {"PlatformCredential": "x", "PlatformPrincipal": "-----BEGIN CERTIFICATE-----\nx"}},
     "Platform credentials are invalid"),
])
def test_how_not_to_make_an_application(sns: Any, members: dict[str, Any], words: str) -> None:
    with refused("InvalidParameter", words):
        sns.create_platform_application(**{"Name": "app", "Platform": "GCM", "Attributes": {"PlatformCredential": "k"},
                                           **members})


def test_a_device_is_made_told_changed_and_deleted(cloud: Cloud, sns: Any, gcm: str) -> None:
    arn = device(sns, gcm, CustomUserData="mine")
    assert arn.startswith(f"arn:aws:sns:us-east-1:{cloud.account}:endpoint/GCM/app/")
    assert sns.get_endpoint_attributes(EndpointArn=arn)["Attributes"] == {
        "Enabled": "true", "Token": "token", "CustomUserData": "mine"}
    assert device(sns, gcm, CustomUserData="mine") == arn
    with refused("InvalidParameter", f"Invalid parameter: Token Reason: Endpoint {arn} already exists with the same Token, but "
                                     "different attributes."):
        device(sns, gcm)
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Token": "new", "Enabled": "false", "CustomUserData": ""})
    told = {"Enabled": "false", "Token": "new"}
    assert sns.get_endpoint_attributes(EndpointArn=arn)["Attributes"] == told
    assert sns.list_endpoints_by_platform_application(PlatformApplicationArn=gcm)["Endpoints"] == [
        {"EndpointArn": arn, "Attributes": told}]
    other = device(sns, gcm)
    with refused("InvalidParameter", "already exists with the same Token"):
        sns.set_endpoint_attributes(EndpointArn=other, Attributes={"Token": "new"})
    with refused("NotFound"):
        cloud.other().client("sns").set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "true"})
    for _ in range(2):
        sns.delete_endpoint(EndpointArn=arn)
    with refused("NotFound"):
        sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "true"})


@pytest.mark.parametrize(("platform", "token", "members", "words"), [
    ("APNS", "not hex", {}, "Token Reason: iOS tokens must be no more than 400 hexadecimal characters"),
    ("APNS", "ab" * 201, {}, "iOS tokens"),
    ("GCM", "", {}, "Token"),
    ("GCM", "t", {"CustomUserData": "x" * 2049}, "CustomUserData Reason: must be at most 2048 bytes long in UTF-8 encoding"),
    ("GCM", "t", {"Attributes": {"Nonsense": "1"}}, "Attributes Reason: Invalid attribute name: Nonsense"),
    ("GCM", "t", {"Attributes": {"Enabled": "perhaps"}}, "Invalid value for attribute: Enabled"),
])
def test_how_not_to_make_a_device(sns: Any, platform: str, token: str, members: dict[str, Any], words: str) -> None:
    with refused("InvalidParameter", words):
        device(sns, application(sns, platform), token, **members)


def test_applications_and_devices_come_in_pages(sns: Any, gcm: str) -> None:
    for n in range(102):
        device(sns, gcm, f"t{n}")
        application(sns, name=f"a{n}")
    pages = [len(page["Endpoints"]) for page in sns.get_paginator("list_endpoints_by_platform_application").paginate(
        PlatformApplicationArn=gcm)]
    assert pages == [100, 2]
    pages = [len(page["PlatformApplications"]) for page in sns.get_paginator("list_platform_applications").paginate()]
    assert pages == [100, 3]


def test_apples_tokens_are_told_in_lower_case(sns: Any) -> None:
    app = application(sns, "APNS")
    arn = device(sns, app, APPLE.upper())
    assert sns.get_endpoint_attributes(EndpointArn=arn)["Attributes"]["Token"] == APPLE
    assert device(sns, app, APPLE) == arn


@pytest.mark.parametrize(("platform", "token", "wrapped"), [
    ("GCM", "t", {"data": {"default": "hello"}}), ("ADM", "t", {"data": {"default": "hello"}}),
    ("APNS", APPLE, {"aps": {"alert": "hello"}}), ("APNS_SANDBOX", APPLE, {"aps": {"alert": "hello"}})])
def test_a_push_is_what_its_platform_would_get(sns: Any, mailbox: Mailbox, platform: str, token: str, wrapped: Any) -> None:
    app = application(sns, platform)
    arn = device(sns, app, token)
    assert sns.publish(TargetArn=arn, Message="hello")["MessageId"]
    own = {"own": platform}
    sns.publish(TargetArn=arn, MessageStructure="json", Message=json.dumps({"default": "hello", platform: json.dumps(own)}))
    sns.publish(TargetArn=arn, MessageStructure="json", Message=json.dumps({"default": "hello", "WNS": "x"}))
    pushes = mailbox.all(kind="push")
    assert [json.loads(push["text"]) for push in pushes] == [wrapped, own, wrapped]
    assert {(push["from"], push["to"][0], push["subject"]) for push in pushes} == {(app, token, platform)}


def test_how_not_to_push(cloud: Cloud, sns: Any, gcm: str, mailbox: Mailbox) -> None:
    arn = device(sns, gcm)
    with refused("InvalidParameter", "Message Reason: Invalid notification for protocol GCM: Notification is too long"):
        sns.publish(TargetArn=arn, Message="x" * 4096)
    with refused("InvalidParameter", "Message Reason: Invalid notification for protocol GCM"):
        sns.publish(TargetArn=arn, MessageStructure="json", Message=json.dumps({"default": "x", "GCM": "no json"}))
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "false"})
    with refused("EndpointDisabled", "Endpoint is disabled"):
        sns.publish(TargetArn=arn, Message="x")
    sns.delete_endpoint(EndpointArn=arn)
    with refused("InvalidParameter", "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"):
        sns.publish(TargetArn=arn, Message="x")
    assert mailbox.list() == []


def certificate(days: int) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Apple Push Services: com.example.app")])
    now = datetime.now(UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=days)).sign(key, hashes.SHA256()))
    return made.public_bytes(serialization.Encoding.PEM).decode()


def test_an_application_ends_with_its_certificate(cloud: Cloud, sns: Any) -> None:
    app = application(sns, "APNS", PlatformPrincipal=certificate(30))
    told = sns.get_platform_application_attributes(PlatformApplicationArn=app)["Attributes"]
    assert (told["AuthenticationMethod"], told["Enabled"]) == ("Certificate", "true")
    assert told["AppleCertificateExpiryDate"] > datetime.now(UTC).isoformat()
    arn = device(sns, app, APPLE)
    sns.publish(TargetArn=arn, Message="x")
    cloud.clock.advance(31 * 86_400)
    with refused("PlatformApplicationDisabled"):
        sns.publish(TargetArn=arn, Message="x")


def test_topics_push_to_their_devices(cloud: Cloud, sns: Any, topic: str, gcm: str, mailbox: Mailbox) -> None:
    sqs = cloud.client("sqs")
    dead = make(sqs, "dead")
    arn = device(sns, gcm)
    said = sns.subscribe(TopicArn=topic, Protocol="application", Endpoint=arn, Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{cloud.account}:dead"})})
    assert said["SubscriptionArn"].startswith(topic)
    sns.publish(TopicArn=topic, Message="hello")
    assert [json.loads(push["text"]) for push in mailbox.all()] == [{"data": {"default": "hello"}}]
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "false"})
    sns.publish(TopicArn=topic, Message="lost")
    assert len(mailbox.list()) == 1
    (got,) = receive(sqs, dead, MessageAttributeNames=["All"])
    assert json.loads(got["Body"])["Message"] == "lost"
    assert got["MessageAttributes"]["ErrorMessage"]["StringValue"] == "Endpoint is disabled"
    with refused("InvalidParameter", "Application endpoint arn invalid:nonsense"):
        sns.subscribe(TopicArn=topic, Protocol="application", Endpoint="nonsense")


def test_what_happens_to_devices_is_published(cloud: Cloud, sns: Any, topic: str) -> None:
    sqs = cloud.client("sqs")
    url = make(sqs, "q")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{cloud.account}:q", Attributes={
        "RawMessageDelivery": "true"})
    app = application(sns, EventEndpointCreated=topic, EventEndpointUpdated=topic, EventEndpointDeleted=topic)
    arn = device(sns, app)
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"CustomUserData": "x"})
    sns.delete_endpoint(EndpointArn=arn)
    told = [json.loads(body) for body in bodies(receive(sqs, url))]
    assert sorted(each["EventType"] for each in told) == ["EndpointCreated", "EndpointDeleted", "EndpointUpdated"]
    assert {(each["EndpointArn"], each["Resource"], each["Service"]) for each in told} == {(arn, app, "SNS")}

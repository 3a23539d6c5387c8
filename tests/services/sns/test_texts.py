"""Text messages: to numbers and by topics, the sandbox, the budget, and numbers that want no more."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import urlopen

import pytest

from conftest import Cloud
from services.sns.conftest import Mailbox
from services.sqs.queues import refused

PHONE = "+14155550100"


def tell(cloud: Cloud, **members: Any) -> dict[str, Any]:
    """What happens outside: an answer from a phone, a word from AWS's support."""
    body = json.dumps({"account": cloud.account, "region": "us-east-1", **members}).encode()
    return dict(json.loads(urlopen(f"{cloud.endpoint}/_cumulet/phone", body).read()))


@pytest.fixture
def outside(cloud: Cloud) -> Cloud:
    """An account that has left the sandbox."""
    assert tell(cloud, sandbox=False) == {"sandbox": False}
    return cloud


def test_the_sandbox_lets_texts_through_to_verified_numbers_only(cloud: Cloud, sns: Any, mailbox: Mailbox) -> None:
    assert sns.get_sms_sandbox_account_status()["IsInSandbox"] is True
    assert sns.publish(PhoneNumber=PHONE, Message="too early")["MessageId"]
    sns.create_sms_sandbox_phone_number(PhoneNumber=PHONE, LanguageCode="de-DE")
    assert sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == [{"PhoneNumber": PHONE, "Status": "Pending"}]
    lost, code = mailbox.all(kind="sms")
    assert lost["problem"] == "Phone number is not verified in the SMS sandbox"
    assert code["text"].startswith("Ihr Bestätigungscode lautet ")
    password = code["text"].split()[-1].rstrip(".")
    with refused("VerificationException"):
        sns.verify_sms_sandbox_phone_number(PhoneNumber=PHONE, OneTimePassword="000000" if password != "000000" else "111111")
    sns.verify_sms_sandbox_phone_number(PhoneNumber=PHONE, OneTimePassword=password)
    assert sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == [{"PhoneNumber": PHONE, "Status": "Verified"}]
    sns.publish(PhoneNumber=PHONE, Message="now")
    assert [(m["text"], m["problem"], m["to"]) for m in mailbox.all()[2:]] == [("now", "", [PHONE])]
    with refused("UserError", "verified already"):
        sns.create_sms_sandbox_phone_number(PhoneNumber=PHONE)
    with refused("UserError", "24 hours"):
        sns.delete_sms_sandbox_phone_number(PhoneNumber=PHONE)
    cloud.clock.advance(86_401)
    sns.delete_sms_sandbox_phone_number(PhoneNumber=PHONE)
    assert sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == []


def test_one_time_passwords_end_and_are_few(cloud: Cloud, sns: Any, mailbox: Mailbox) -> None:
    for _ in range(5):
        sns.create_sms_sandbox_phone_number(PhoneNumber=PHONE)
    with refused("Throttled"):
        sns.create_sms_sandbox_phone_number(PhoneNumber=PHONE)
    password = mailbox.all()[-1]["text"].split()[-1].rstrip(".")
    cloud.clock.advance(901)
    with refused("VerificationException"):
        sns.verify_sms_sandbox_phone_number(PhoneNumber=PHONE, OneTimePassword=password)


def test_the_sandbox_holds_ten_numbers_in_pages(sns: Any) -> None:
    for n in range(10):
        sns.create_sms_sandbox_phone_number(PhoneNumber=f"+4179123450{n}")
    with refused("UserError", "at most 10"):
        sns.create_sms_sandbox_phone_number(PhoneNumber="+41791234599")
    pages = [[p["PhoneNumber"][-1] for p in page["PhoneNumbers"]] for page in
             sns.get_paginator("list_sms_sandbox_phone_numbers").paginate(PaginationConfig={"PageSize": 4})]
    assert pages == [["0", "1", "2", "3"], ["4", "5", "6", "7"], ["8", "9"]]
    with refused("ResourceNotFound"):
        sns.delete_sms_sandbox_phone_number(PhoneNumber="+41791234599")
    with refused("ResourceNotFound"):
        sns.verify_sms_sandbox_phone_number(PhoneNumber="+41791234599", OneTimePassword="12345")


def test_the_budget_of_a_month_ends(outside: Cloud, sns: Any, mailbox: Mailbox) -> None:
    assert sns.get_sms_attributes()["attributes"] == {"MonthlySpendLimit": "1"}
    long = "x" * 1600                                # eleven parts
    for _ in range(15):
        sns.publish(PhoneNumber=PHONE, Message=long)
    told = [message["problem"] for message in mailbox.list()]
    assert told == [""] * 14 + ["No quota left for account"]
    sns.set_sms_attributes(attributes={"MonthlySpendLimit": "2"})
    sns.publish(PhoneNumber=PHONE, Message=long)
    sns.set_sms_attributes(attributes={"MonthlySpendLimit": "0"})
    sns.publish(PhoneNumber=PHONE, Message="x")
    assert [message["problem"] for message in mailbox.list()[15:]] == ["", "No quota left for account"]
    sns.set_sms_attributes(attributes={"MonthlySpendLimit": "1"})
    outside.clock.advance(32 * 86_400)
    sns.publish(PhoneNumber=PHONE, Message="a new month")
    assert mailbox.list()[-1]["problem"] == ""


def test_settings_are_told_and_used(outside: Cloud, sns: Any, mailbox: Mailbox) -> None:
    sns.set_sms_attributes(attributes={"DefaultSenderID": "Shop", "DefaultSMSType": "Transactional"})
    assert sns.get_sms_attributes(attributes=["DefaultSenderID"])["attributes"] == {"DefaultSenderID": "Shop"}
    sns.publish(PhoneNumber=PHONE, Message="one")
    sns.publish(PhoneNumber="+1 (415) 555-0100", Message="two", MessageAttributes={
        "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "Other"},
        "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Promotional"}})
    sns.publish(PhoneNumber=PHONE, Message="x" * 200, MessageAttributes={
        "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": "0.01"}})
    assert [(m["from"], m["subject"], m["to"], m["problem"]) for m in mailbox.list()] == [
        ("Shop", "Transactional", [PHONE], ""), ("Other", "Promotional", [PHONE], ""),
        ("Shop", "Transactional", [PHONE], "This delivery would exceed max price")]
    for name, value in (("MonthlySpendLimit", "lots"), ("DefaultSenderID", "123"), ("DefaultSenderID", "twelve letters"),
                        ("DefaultSMSType", "Urgent"), ("DeliveryStatusSuccessSamplingRate", "101"), ("Nonsense", "1")):
        with refused("InvalidParameter"):
            sns.set_sms_attributes(attributes={name: value})
    with refused("NotImplemented"):
        sns.set_sms_attributes(attributes={"UsageReportS3Bucket": "b"})


def test_who_answers_stop_gets_no_more(outside: Cloud, sns: Any, mailbox: Mailbox) -> None:
    assert tell(outside, text="hello", **{"from": PHONE}) == {"optedOut": False}
    assert tell(outside, text=" stop ", **{"from": PHONE}) == {"optedOut": True}
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=PHONE)["isOptedOut"] is True
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == [PHONE]
    sns.publish(PhoneNumber=PHONE, Message="unwanted")
    assert mailbox.list()[-1]["problem"] == "Phone number is opted out"
    with refused("OptedOut"):
        sns.create_sms_sandbox_phone_number(PhoneNumber=PHONE)
    sns.opt_in_phone_number(phoneNumber=PHONE)
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=PHONE)["isOptedOut"] is False
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == []
    sns.publish(PhoneNumber=PHONE, Message="wanted")
    assert mailbox.list()[-1]["problem"] == ""
    tell(outside, text="STOP", **{"from": PHONE})
    with refused("InvalidParameter", "once every 30 days"):
        sns.opt_in_phone_number(phoneNumber=PHONE)
    outside.clock.advance(31 * 86_400)
    sns.opt_in_phone_number(phoneNumber=PHONE)
    with refused("InvalidParameter", "PhoneNumber Reason: input incorrectly formatted"):
        sns.check_if_phone_number_is_opted_out(phoneNumber="nonsense")


def test_numbers_opted_out_come_in_pages(outside: Cloud, sns: Any) -> None:
    numbers = [f"+4179{n:07}" for n in range(103)]
    for number in numbers:
        tell(outside, text="STOP", **{"from": number})
    pages = [page["phoneNumbers"] for page in sns.get_paginator("list_phone_numbers_opted_out").paginate()]
    assert pages == [numbers[:100], numbers[100:]]


def test_topics_text_their_subscribers(outside: Cloud, sns: Any, topic: str, mailbox: Mailbox) -> None:
    arn = sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="1-415-555-0100")["SubscriptionArn"]
    assert arn.startswith(topic)
    sns.publish(TopicArn=topic, Message="plain")
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="News")
    sns.publish(TopicArn=topic, Message=json.dumps({"default": "x", "sms": "short"}), MessageStructure="json")
    assert [(m["text"], m["to"]) for m in mailbox.all()] == [("plain", [PHONE]), ("News> short", [PHONE])]
    with refused("InvalidParameter", "Invalid SMS endpoint: nobody"):
        sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="nobody")


def test_how_not_to_text(outside: Cloud, sns: Any, topic: str) -> None:
    for members, words in (
            ({"PhoneNumber": "nobody"}, "PhoneNumber Reason: nobody is not valid to publish to"),
            ({"PhoneNumber": PHONE, "Message": "x" * 1601}, "Message too long"),
            ({"PhoneNumber": PHONE, "Message": ""}, "Empty message"),
            ({"PhoneNumber": PHONE, "TopicArn": topic}, "exactly one"), ({}, "TopicArn or TargetArn")):
        with refused("InvalidParameter", words):
            sns.publish(**{"Message": "x", **members})


def test_an_account_has_no_numbers_of_its_own(sns: Any) -> None:
    assert sns.list_origination_numbers()["PhoneNumbers"] == []


def test_the_highest_price_is_a_number(outside: Cloud, sns: Any, topic: str) -> None:
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=PHONE)
    for target in ({"PhoneNumber": PHONE}, {"TopicArn": topic}):
        with refused("ParameterValueInvalid", "AWS.SNS.SMS.MaxPrice"):
            sns.publish(Message="m", MessageAttributes={
                "AWS.SNS.SMS.MaxPrice": {"DataType": "String", "StringValue": "cheap"}}, **target)

"""Policies of resources over the wire: who is let in by whom, in one account and across."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from botocore import UNSIGNED
from botocore.config import Config

from conftest import Cloud
from enforced import document, own, refused, session, user


def queue(cloud: Cloud, *statements: dict[str, Any], name: str = "q") -> tuple[str, str]:
    """(URL, ARN) of a queue with a policy."""
    arn = f"arn:aws:sqs:us-east-1:{cloud.account}:{name}"
    attributes = {"Policy": document(*({"Action": "sqs:*", "Resource": arn, **s} for s in statements))} if statements else {}
    return cloud.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"], arn


def test_a_user_who_is_named_needs_no_policy_of_their_own(strict: Cloud) -> None:
    ann, ben = user(strict), user(strict, "ben")
    url, arn = queue(strict, {"Principal": {"AWS": f"arn:aws:iam::{strict.account}:user/ann"}})
    strict.client("sqs", **ann).send_message(QueueUrl=url, MessageBody="1")
    assert refused(strict.client("sqs", **ben).send_message, QueueUrl=url, MessageBody="1") == (
        f"User: arn:aws:iam::{strict.account}:user/ben is not authorized to perform: sqs:sendmessage on resource: {arn} "
        "because no identity-based policy allows the sqs:sendmessage action")
    edge = strict.client("iam").create_policy(PolicyName="edge", PolicyDocument=own("s3:*"))["Policy"]["Arn"]
    strict.client("iam").put_user_permissions_boundary(UserName="ann", PermissionsBoundary=edge)
    strict.client("sqs", **ann).send_message(QueueUrl=url, MessageBody="2")       # no boundary limits what names the user


def test_the_account_hands_over_to_identity_policies(strict: Cloud) -> None:
    ann, ben = user(strict, "ann", own("sqs:SendMessage")), user(strict, "ben")
    url, _ = queue(strict, {"Principal": {"AWS": strict.account}})
    strict.client("sqs", **ann).send_message(QueueUrl=url, MessageBody="1")
    refused(strict.client("sqs", **ben).send_message, QueueUrl=url, MessageBody="1")


def test_roles_are_limited_by_session_policies_but_sessions_are_not(strict: Cloud) -> None:
    narrow = session(strict, "r", Policy=own("s3:*"))
    url, _ = queue(strict, {"Principal": {"AWS": f"arn:aws:iam::{strict.account}:role/r"}})
    assert refused(strict.client("sqs", **narrow).send_message, QueueUrl=url, MessageBody="1").endswith(
        "because no session policy allows the sqs:sendmessage action")
    named, _ = queue(strict, {"Principal": {"AWS": f"arn:aws:sts::{strict.account}:assumed-role/r/one"}}, name="n")
    strict.client("sqs", **narrow).send_message(QueueUrl=named, MessageBody="1")
    everyone, _ = queue(strict, {"Principal": "*"}, name="e")
    strict.client("sqs", **narrow).send_message(QueueUrl=everyone, MessageBody="1")


def test_a_denial_of_the_resource_wins_also_over_the_root(strict: Cloud) -> None:
    ann = user(strict, "ann", own("*"))
    url, _ = queue(strict, {"Principal": "*", "Effect": "Deny", "Action": "sqs:SendMessage"})
    for keys in (ann, {}):
        assert refused(strict.client("sqs", **keys).send_message, QueueUrl=url, MessageBody="1").endswith(
            "with an explicit deny in a resource-based policy")
    strict.client("sqs", **ann).receive_message(QueueUrl=url)


def test_all_but_the_excepted_are_denied(strict: Cloud) -> None:
    ann, ben = user(strict, "ann", own("sqs:*")), user(strict, "ben", own("sqs:*"))
    root, arn = f"arn:aws:iam::{strict.account}:root", f"arn:aws:iam::{strict.account}:user/ann"
    url, _ = queue(strict, {"NotPrincipal": {"AWS": [root, arn]}, "Effect": "Deny", "Action": "sqs:ReceiveMessage"})
    strict.client("sqs", **ann).receive_message(QueueUrl=url)
    strict.client("sqs").receive_message(QueueUrl=url)
    refused(strict.client("sqs", **ben).receive_message, QueueUrl=url)


def test_across_accounts_both_sides_must_allow(strict: Cloud) -> None:
    other = strict.other()
    eve, mallory = user(other, "eve", own("sqs:SendMessage")), user(other, "mallory")
    closed, arn = queue(strict)
    assert refused(other.client("sqs", **eve).send_message, QueueUrl=closed, MessageBody="1") == (
        f"User: arn:aws:iam::{other.account}:user/eve is not authorized to perform: sqs:sendmessage on resource: {arn} "
        "because no resource-based policy allows the sqs:sendmessage action")
    refused(other.client("sqs").send_message, QueueUrl=closed, MessageBody="1")           # nor may the other root
    url, _ = queue(strict, {"Principal": {"AWS": other.account}}, name="open")
    other.client("sqs", **eve).send_message(QueueUrl=url, MessageBody="1")
    other.client("sqs").send_message(QueueUrl=url, MessageBody="1")
    assert refused(other.client("sqs", **mallory).send_message, QueueUrl=url, MessageBody="1").endswith(
        "because no identity-based policy allows the sqs:sendmessage action")
    refused(other.client("sqs", **eve).receive_message, QueueUrl=url)


def test_nobody_may_what_everybody_may(strict: Cloud) -> None:
    url, _ = queue(strict, {"Principal": "*", "Action": "sqs:SendMessage"})
    anyone = strict.client("sqs", config=Config(signature_version=UNSIGNED))
    anyone.send_message(QueueUrl=url, MessageBody="1")
    refused(anyone.receive_message, QueueUrl=url)


def test_a_topic_needs_the_queues_consent(strict: Cloud) -> None:
    """The confused deputy: another account's topic may not use the service's right to send."""
    other = strict.other()
    sns, theirs = strict.client("sns"), other.client("sns")
    mine, foreign = sns.create_topic(Name="t")["TopicArn"], theirs.create_topic(Name="t")["TopicArn"]
    service = {"Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    url, arn = queue(strict, service)
    sqs = strict.client("sqs")
    sns.subscribe(TopicArn=mine, Protocol="sqs", Endpoint=arn)
    theirs.subscribe(TopicArn=foreign, Protocol="sqs", Endpoint=arn)
    asked = json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"])
    theirs.confirm_subscription(TopicArn=foreign, Token=asked["Token"])
    sqs.purge_queue(QueueUrl=url)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document({**service, "Resource": arn, "Condition": {
        "ArnEquals": {"aws:SourceArn": mine}, "StringEquals": {"aws:SourceAccount": strict.account}}})})
    sns.publish(TopicArn=mine, Message="ours")
    theirs.publish(TopicArn=foreign, Message="theirs")
    strict.clock.idle()
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    assert [("ours" in m["Body"], "theirs" in m["Body"]) for m in got] == [(True, False)]


def test_a_queue_that_is_closed_to_a_topic_is_never_asked(strict: Cloud) -> None:
    other = strict.other()
    url, arn = queue(strict, {"Principal": {"AWS": strict.account}})
    topic = other.client("sns").create_topic(Name="t")["TopicArn"]
    made = other.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
    told = other.client("sns").get_subscription_attributes(SubscriptionArn=made["SubscriptionArn"])["Attributes"]
    assert told["PendingConfirmation"] == "true"
    assert "Messages" not in strict.client("sqs").receive_message(QueueUrl=url)


def test_a_function_lets_in_whom_its_permissions_name(strict: Cloud) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("m.py", "def handler(event, context):\n    return 1\n")
    functions, ann = strict.client("lambda"), user(strict)
    role = f"arn:aws:iam::{strict.account}:role/f"
    functions.create_function(FunctionName="f", Role=role, Runtime="python3.12", Handler="m.handler",
                              Code={"ZipFile": buffer.getvalue()})
    as_ann = strict.client("lambda", **ann)
    refused(as_ann.get_function_configuration, FunctionName="f")
    functions.add_permission(FunctionName="f", StatementId="s", Action="lambda:GetFunctionConfiguration",
                             Principal=f"arn:aws:iam::{strict.account}:user/ann")
    assert as_ann.get_function_configuration(FunctionName="f")["FunctionName"] == "f"
    refused(as_ann.get_function, FunctionName="f")

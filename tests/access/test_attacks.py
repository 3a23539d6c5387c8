"""Ways in that attackers try, each beside the rightful way that works: deputies, handed roles, chains, tags, organizations,
names that look alike. (tests/kernel/access/test_attacks.py has boundaries, sessions and presigned URLs.)"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from access.test_organizations import Tree
from conftest import Cloud
from enforced import document, own, refused, session, user
from samples import package


def code_of(call: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        call(**members)
    return str(problem.value.response["Error"]["Code"])


def role(cloud: Cloud, name: str, trust: dict[str, Any], *actions: str) -> str:
    """A role with such a trust policy that may do these actions."""
    iam, text = cloud.client("iam"), document({"Action": "sts:AssumeRole", **trust})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=text)["Role"]["Arn"]
    if actions:
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=own(*actions))
    return str(arn)


def keys_of(made: dict[str, Any]) -> dict[str, str]:
    given = made["Credentials"]
    return {"key": given["AccessKeyId"], "secret": given["SecretAccessKey"], "token": given["SessionToken"]}


def queue(cloud: Cloud, name: str = "q", **options: Any) -> tuple[str, str]:
    url = cloud.client("sqs").create_queue(QueueName=name, **options)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:{cloud.account}:{name}"


# --- confused deputies ---


def test_a_deputy_without_the_external_id_of_the_customer(strict: Cloud) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"""
    deputy = strict.other()
    arn = role(strict, "r", {"Principal": {"AWS": deputy.account},
                             "Condition": {"StringEquals": {"sts:ExternalId": "Unique-1"}}})
    sts = deputy.client("sts", **user(deputy, "worker", own("sts:AssumeRole")))
    for wrong in ({}, {"ExternalId": "Another-2"}, {"ExternalId": "unique-1"}, {"ExternalId": "Unique-10"}):
        refused(sts.assume_role, RoleArn=arn, RoleSessionName="one", **wrong)
    assert sts.assume_role(RoleArn=arn, RoleSessionName="one", ExternalId="Unique-1")["AssumedRoleUser"]


@pytest.mark.parametrize("key", ["aws:SourceArn", "aws:SourceAccount"])
def test_a_service_that_works_for_another_account(strict: Cloud, key: str) -> None:
    """The attacker's rule has the victim's queue as its target; the service is let in for the victim's rules alone."""
    rule = f"arn:aws:events:us-east-1:{strict.account}:rule/r"
    url, arn = queue(strict)
    condition = {"ArnEquals": {key: rule}} if key == "aws:SourceArn" else {"StringEquals": {key: strict.account}}
    strict.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document({
        "Action": "sqs:SendMessage", "Resource": arn, "Principal": {"Service": "events.amazonaws.com"},
        "Condition": condition})})
    for cloud in (strict.other(), strict):
        events = cloud.client("events")
        events.put_rule(Name="r", EventPattern='{"source": ["app"]}')
        events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
        events.put_events(Entries=[{"Source": "app", "DetailType": "d", "Detail": json.dumps({"by": cloud.account})}])
        strict.clock.idle()
    got = [json.loads(m["Body"])["detail"]["by"] for _ in range(2)
           for m in strict.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]
    assert got == [strict.account]


# --- roles that are handed over ---


def test_a_stronger_role_is_not_handed_to_a_service(strict: Cloud) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
    services = {"Principal": {"Service": ["lambda.amazonaws.com", "events.amazonaws.com", "scheduler.amazonaws.com"]}}
    admin, weak = role(strict, "admin", services, "*"), role(strict, "weak", services, "sqs:ListQueues")
    keys = user(strict, "ann", own("lambda:*", "events:*", "scheduler:*"),
                document({"Action": "iam:PassRole", "Resource": weak}))
    functions, events = strict.client("lambda", **keys), strict.client("events", **keys)
    wanted = {"FunctionName": "f", "Runtime": "python3.12", "Handler": "app.handler", "Code": {"ZipFile": package()}}
    assert "iam:PassRole" in refused(functions.create_function, **wanted, Role=admin)
    functions.create_function(**wanted, Role=weak)
    assert "iam:PassRole" in refused(functions.update_function_configuration, FunctionName="f", Role=admin)
    assert "iam:PassRole" in refused(events.put_rule, Name="r", ScheduleExpression="rate(1 day)", RoleArn=admin)
    events.put_rule(Name="r", ScheduleExpression="rate(1 day)", RoleArn=weak)
    _, arn = queue(strict)
    refused(events.put_targets, Rule="r", Targets=[{"Id": "1", "Arn": arn, "RoleArn": admin}])
    timed = {"Name": "s", "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    scheduler = strict.client("scheduler", **keys)
    assert "iam:PassRole" in refused(scheduler.create_schedule, **timed, Target={"Arn": arn, "RoleArn": admin})
    scheduler.create_schedule(**timed, Target={"Arn": arn, "RoleArn": weak})
    assert "iam:PassRole" in refused(scheduler.update_schedule, **timed, Target={"Arn": arn, "RoleArn": admin})
    assert functions.get_function_configuration(FunctionName="f")["Role"] == weak


def test_a_role_is_handed_to_the_named_service_alone(strict: Cloud) -> None:
    arn = role(strict, "r", {"Principal": {"Service": ["lambda.amazonaws.com", "events.amazonaws.com"]}})
    keys = user(strict, "ann", own("lambda:*", "events:*"), document({
        "Action": "iam:PassRole", "Resource": arn,
        "Condition": {"StringEquals": {"iam:PassedToService": "events.amazonaws.com"}}}))
    refused(strict.client("lambda", **keys).create_function, FunctionName="f", Runtime="python3.12", Handler="app.handler",
            Code={"ZipFile": package()}, Role=arn)
    strict.client("events", **keys).put_rule(Name="r", ScheduleExpression="rate(1 day)", RoleArn=arn)


# --- keys ---


def test_nobody_comes_past_a_keys_policy(strict: Cloud) -> None:
    """An administrator whom the policy does not name neither uses the key nor changes that, by whatever way."""
    ann, eve = user(strict, "ann", own("kms:*")), user(strict, "eve", own("*"))
    named = {"Principal": {"AWS": f"arn:aws:iam::{strict.account}:user/ann"}, "Action": "kms:*", "Resource": "*"}
    owner, thief = strict.client("kms", **ann), strict.client("kms", **eve)
    assert code_of(thief.create_key, Policy=document(named)) == "MalformedPolicyDocumentException"        # locks eve out
    key = owner.create_key(Policy=document(named))["KeyMetadata"]["KeyId"]
    sealed = owner.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    for ask, members in ((thief.decrypt, {"CiphertextBlob": sealed}), (thief.describe_key, {"KeyId": key}),
                         (thief.put_key_policy, {"KeyId": key, "Policy": document(named)}),
                         (thief.create_grant, {"KeyId": key, "Operations": ["Decrypt"],
                                               "GranteePrincipal": f"arn:aws:iam::{strict.account}:user/eve"}),
                         (thief.schedule_key_deletion, {"KeyId": key}), (thief.disable_key, {"KeyId": key}),
                         (thief.create_alias, {"AliasName": "alias/mine", "TargetKeyId": key}),
                         (thief.re_encrypt, {"CiphertextBlob": sealed, "DestinationKeyId": key})):
        refused(ask, **members)
    refused(strict.client("kms").decrypt, CiphertextBlob=sealed)                # the root is not named either
    assert owner.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"


# --- chains of roles ---


def test_a_chain_of_roles_lasts_an_hour(strict: Cloud) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining"""
    iam = strict.client("iam")
    first = role(strict, "first", {"Principal": {"AWS": strict.account}}, "sts:AssumeRole")
    second = role(strict, "second", {"Principal": {"AWS": first}}, "sts:AssumeRole", "sqs:ListQueues")
    for name in ("first", "second"):
        iam.update_role(RoleName=name, MaxSessionDuration=43_200)
    iam.update_assume_role_policy(RoleName="second", PolicyDocument=document(
        {"Action": "sts:AssumeRole", "Principal": {"AWS": [first, second]}}))
    begun = keys_of(strict.client("sts").assume_role(RoleArn=first, RoleSessionName="one", DurationSeconds=43_200))
    sts = strict.client("sts", **begun)
    assert code_of(sts.assume_role, RoleArn=second, RoleSessionName="two", DurationSeconds=3601) == "ValidationError"
    chained = keys_of(sts.assume_role(RoleArn=second, RoleSessionName="two"))
    again = strict.client("sts", **chained)
    assert code_of(again.assume_role, RoleArn=second, RoleSessionName="three", DurationSeconds=7200) == "ValidationError"
    strict.client("sqs", **chained).list_queues()
    strict.clock.advance(3700)
    assert code_of(strict.client("sqs", **chained).list_queues) in ("ExpiredToken", "ExpiredTokenException",
                                                                    "InvalidClientTokenId")


def test_a_session_makes_no_federated_one(strict: Cloud) -> None:
    keys = session(strict, "r", own("*"))
    for ask in (strict.client("sts", **keys).get_session_token, strict.client("sts", **keys).get_federation_token):
        members = {"Name": "bob"} if ask.__name__ == "get_federation_token" else {}
        assert code_of(ask, **members) in ("AccessDenied", "ValidationError")


# --- tags ---

TEAM = {"StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/team}"}}
OWNED = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}


def tagged(cloud: Cloud, name: str, team: str) -> dict[str, str]:
    """A user of a team, who may do all with the team's queues, and make and tag them as the team's."""
    keys = user(cloud, name, document(
        {"Action": "sqs:CreateQueue", "Resource": "*", "Condition": TEAM},
        {"Action": "sqs:TagQueue", "Resource": "*", "Condition": TEAM | {
            "StringEqualsIfExists": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}}},
        {"Action": ["sqs:SendMessage", "sqs:UntagQueue", "sqs:GetQueueUrl"], "Resource": "*", "Condition": OWNED}))
    cloud.client("iam").tag_user(UserName=name, Tags=[{"Key": "team", "Value": team}])
    return keys


def test_nobody_tags_their_way_in(strict: Cloud) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html"""
    red = strict.client("sqs", **tagged(strict, "red", "red"))
    url, _ = queue(strict, "blues", tags={"team": "blue"})
    refused(red.send_message, QueueUrl=url, MessageBody="1")
    refused(red.tag_queue, QueueUrl=url, Tags={"team": "red"})               # theirs, once it had this tag
    refused(red.untag_queue, QueueUrl=url, TagKeys=["team"])
    refused(red.create_queue, QueueName="new", tags={"team": "blue"})
    refused(red.create_queue, QueueName="new")
    refused(red.create_queue, QueueName="new", tags={"team": "blue", "Team": "red"})
    own_queue = red.create_queue(QueueName="mine", tags={"team": "red"})["QueueUrl"]
    red.send_message(QueueUrl=own_queue, MessageBody="1")
    refused(red.tag_queue, QueueUrl=own_queue, Tags={"team": "red", "admin": "yes"})
    iam = strict.client("iam", **user(strict, "eve"))
    refused(iam.tag_user, UserName="red", Tags=[{"Key": "team", "Value": "blue"}])


def test_a_session_does_not_choose_its_team(strict: Cloud) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html"""
    trust = document({"Action": "sts:AssumeRole", "Principal": {"AWS": strict.account}}, {
        "Action": "sts:TagSession", "Principal": {"AWS": strict.account}, "Condition": TEAM})
    arn = strict.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    keys = user(strict, "red", own("sts:AssumeRole", "sts:TagSession"))
    strict.client("iam").tag_user(UserName="red", Tags=[{"Key": "team", "Value": "red"}])
    sts = strict.client("sts", **keys)
    asked = {"RoleArn": arn, "RoleSessionName": "one"}
    refused(sts.assume_role, **asked, Tags=[{"Key": "team", "Value": "blue"}])
    assert sts.assume_role(**asked, Tags=[{"Key": "team", "Value": "red"}])["Credentials"]
    assert code_of(sts.assume_role, **asked, Tags=[{"Key": "team", "Value": "red"}, {"Key": "Team", "Value": "blue"}]) in (
        "AccessDenied", "InvalidParameterValue", "ValidationError")


def test_what_a_chain_hands_on_is_not_overwritten(strict: Cloud) -> None:
    trust = document({"Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"AWS": strict.account}})
    iam = strict.client("iam")
    for name in ("a", "b"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=own("sts:*"))
    arns = [f"arn:aws:iam::{strict.account}:role/{name}" for name in ("a", "b")]
    keys = keys_of(strict.client("sts").assume_role(RoleArn=arns[0], RoleSessionName="one", TransitiveTagKeys=["team"],
                                                    Tags=[{"Key": "team", "Value": "red"}]))
    sts = strict.client("sts", **keys)
    assert code_of(sts.assume_role, RoleArn=arns[1], RoleSessionName="two", Tags=[{"Key": "team", "Value": "blue"}]) in (
        "AccessDenied", "InvalidParameterValue", "ValidationError")


# --- organizations ---


def test_a_service_linked_role_is_no_way_around_a_control_policy(enforcing: Any) -> None:
    """Such roles are free of control policies; so nobody but their service may become one, or make or change one by hand."""
    tree = Tree(enforcing, 2)
    tree.rule("SERVICE_CONTROL_POLICY", ((document({"Action": "*", "Resource": "*"}),), (document(
        {"Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}),)))
    member = Cloud(enforcing, tree.member)
    keys = user(member, "admin", own("*"))
    refused(member.client("sqs").list_queues)
    refused(member.client("sqs", **keys).list_queues)
    iam = member.client("iam", **keys)
    linked = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]
    trust = document({"Action": "sts:AssumeRole", "Principal": {"AWS": member.account}})
    refused(member.client("sts", **keys).assume_role, RoleArn=linked["Arn"], RoleSessionName="one")
    for ask, more in ((iam.update_assume_role_policy, {"PolicyDocument": trust}),
                      (iam.put_role_policy, {"PolicyName": "p", "PolicyDocument": own("*")}),
                      (iam.attach_role_policy, {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})):
        assert code_of(ask, RoleName=linked["RoleName"], **more) == "UnmodifiableEntity"
    assert code_of(iam.create_role, RoleName="mine", AssumeRolePolicyDocument=trust,
                   Path="/aws-service-role/autoscaling.amazonaws.com/") in ("ValidationError", "InvalidInput")
    plain = iam.create_role(RoleName="aws-service-role", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="aws-service-role", PolicyName="p", PolicyDocument=own("*"))
    began = keys_of(member.client("sts", **keys).assume_role(RoleArn=plain, RoleSessionName="aws-service-role"))
    refused(member.client("sqs", **began).list_queues)


# --- what was signed ---


def test_a_signed_url_does_no_more_than_was_signed(strict: Cloud) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html"""
    bucket = f"b-{strict.account}"
    strict.client("s3").create_bucket(Bucket=bucket)
    ann = strict.client("s3", **user(strict, "ann", own("s3:*")), config=Config(signature_version="s3v4"))
    url = ann.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"})
    for name in ("x-amz-acl", "x-amz-tagging", "x-amz-website-redirect-location"):
        with pytest.raises(urllib.error.HTTPError) as problem:
            urllib.request.urlopen(urllib.request.Request(url, b"x", {name: "public-read", "Content-Type": ""}, method="PUT"))
        told = problem.value.read()
        assert (problem.value.code, b"<Code>AccessDenied</Code>" in told) == (403, True)
        assert f"<HeadersNotSigned>{name}</HeadersNotSigned>".encode() in told
    assert "Contents" not in strict.client("s3").list_objects_v2(Bucket=bucket)
    urllib.request.urlopen(urllib.request.Request(url, b"x", {"Content-Type": ""}, method="PUT"))
    assert ann.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


# --- who is meant ---


def test_all_but_one_means_all_but_one(strict: Cloud) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"""
    account, other = strict.account, strict.other()
    ann, ben = user(strict, "ann", own("*")), user(strict, "ben", own("*"))
    alike = session(strict, "ann", own("*"))
    namesake = user(other, "ann", own("*"))
    url, arn = queue(strict)
    strict.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(
        {"Action": "sqs:*", "Resource": arn, "Principal": "*"},
        {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": arn,
         "NotPrincipal": {"AWS": [f"arn:aws:iam::{account}:user/ann", f"arn:aws:iam::{account}:root"]}})})
    strict.client("sqs", **ann).send_message(QueueUrl=url, MessageBody="1")
    strict.client("sqs").send_message(QueueUrl=url, MessageBody="1")
    for keys in (ben, alike, namesake):
        refused(strict.client("sqs", **keys).send_message, QueueUrl=url, MessageBody="1")
    edge = strict.client("iam").create_policy(PolicyName="edge", PolicyDocument=own("*"))["Policy"]["Arn"]
    strict.client("iam").put_user_permissions_boundary(UserName="ann", PermissionsBoundary=edge)
    refused(strict.client("sqs", **ann).send_message, QueueUrl=url, MessageBody="1")       # AWS: never with a boundary


# --- how things are written ---


def test_a_pattern_of_many_stars_stops_nobody(strict: Cloud) -> None:
    """To look for its parts everywhere would take years, in which nobody else is answered."""
    odd = "arn:aws:s3:::kept/" + "*a" * 40 + "*b"
    ann = strict.client("s3", **user(strict, "ann", document({"Action": "s3:*", "Resource": odd})))
    refused(ann.get_object, Bucket="kept", Key="a" * 1000)
    strange = own("*", Condition={"StringLike": {"aws:username": "*n" * 40 + "*b", "s3:prefix": "*n" * 40 + "*b"}})
    refused(strict.client("s3", **user(strict, "ben", strange)).list_objects_v2, Bucket="kept", Prefix="n" * 1000)


@pytest.mark.parametrize("action", ["SQS:SENDMESSAGE", "sqs:sendmessage", "sQs:s?nd*", "*:*", "sqs:*Message"])
def test_denied_actions_are_so_in_any_case(strict: Cloud, action: str) -> None:
    keys = user(strict, "ann", own("*"), own(action, Effect="Deny") if action != "*:*" else own("*", Effect="Deny"))
    url, _ = queue(strict)
    refused(strict.client("sqs", **keys).send_message, QueueUrl=url, MessageBody="1")


@pytest.mark.parametrize("key", ["AWS:USERNAME", "aws:UserName", "Aws:uSername"])
def test_keys_are_the_same_in_any_case(strict: Cloud, key: str) -> None:
    denied = own("sqs:*", Effect="Deny", Condition={"StringEquals": {key: "ann"}})
    refused(strict.client("sqs", **user(strict, "ann", own("*"), denied)).list_queues)
    strict.client("sqs", **user(strict, "ben", own("*"), denied)).list_queues()


def test_names_of_resources_and_values_are_not(strict: Cloud) -> None:
    for name in ("Secrets", "secrets"):
        queue(strict, name)
    keys = user(strict, "ann", document({"Action": "sqs:GetQueueUrl", "Resource": f"arn:aws:sqs:*:{strict.account}:secrets"}))
    sqs = strict.client("sqs", **keys)
    assert sqs.get_queue_url(QueueName="secrets")["QueueUrl"]
    refused(sqs.get_queue_url, QueueName="Secrets")
    denied = own("sqs:*", Effect="Deny", Condition={"StringNotEquals": {"aws:username": "ben"}})
    refused(strict.client("sqs", **user(strict, "Ben", own("*"), denied)).list_queues)


@pytest.mark.parametrize("path", ["private/k", "%70rivate/k", "private%2Fk", "priv%61te%2fk"])
def test_keys_are_guarded_however_they_are_written(strict: Cloud, path: str) -> None:
    bucket, s3 = f"b-{strict.account}", strict.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="private/k", Body=b"1")
    keys = user(strict, "ann", own("s3:*"), document(
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/private/*"}))
    asked = AWSRequest("GET", f"{strict.endpoint}/{bucket}/{path}")
    S3SigV4Auth(Credentials(keys["key"], keys["secret"]), "s3", "us-east-1").add_auth(asked)
    with pytest.raises(urllib.error.HTTPError) as problem:
        urllib.request.urlopen(urllib.request.Request(asked.url, headers=dict(asked.headers)))
    assert problem.value.code == 403


@pytest.mark.parametrize(("service", "kind", "body", "target"), [
    ("iam", "x-www-form-urlencoded", "Action={}&Version=2010-05-08", ""), ("sqs", "x-amz-json-1.0", "{{}}", "AmazonSQS.{}")])
def test_an_operation_by_another_spelling_is_none(strict: Cloud, service: str, kind: str, body: str, target: str) -> None:
    """What is denied by its name is not reached by a name in another case."""
    def asked(name: str) -> int:
        scope = f"{strict.account}/20261121/us-east-1/{service}/aws4_request"
        headers = {"Content-Type": f"application/{kind}", "X-Amz-Date": "20261121T000000Z",
                   "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
        headers |= {"X-Amz-Target": target.format(name)} if target else {}
        try:
            with urllib.request.urlopen(urllib.request.Request(strict.endpoint, body.format(name).encode(), headers)) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as problem:
            return int(problem.code)

    right = "ListUsers" if service == "iam" else "ListQueues"
    assert asked(right) == 200
    for wrong in (right.lower(), right.upper(), right[0].lower() + right[1:]):
        assert asked(wrong) in (400, 404, 501)

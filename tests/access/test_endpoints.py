"""Requests by VPC endpoints over the wire: their hosts, their policies, and the condition keys that tell of them."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from access import doors
from access.doors import door
from conftest import Cloud, Start, new_account


@pytest.fixture(scope="module")
def enforcing(start_cloud: Start) -> Any:
    return start_cloud(iam="enforce")


@pytest.fixture
def cloud(enforcing: Any) -> Cloud:
    return Cloud(enforcing, new_account())


@pytest.fixture(autouse=True)
def names_below_localhost() -> Iterator[None]:
    with doors.resolved():
        yield


def user(cloud: Cloud, name: str = "ann", **statement: Any) -> dict[str, str]:
    """Keys of a user who may do this, or everything."""
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"} | statement
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Statement": allowed}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def bucket(cloud: Cloud, **objects: bytes) -> str:
    s3, name = cloud.client("s3"), f"b-{new_account()}"
    s3.create_bucket(Bucket=name)
    for key, body in objects.items():
        s3.put_object(Bucket=name, Key=key, Body=body)
    return name


def refusal(ask: Any, **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as problem:
        ask(**members)
    told = problem.value.response["Error"]
    return str(told["Code"]), str(told["Message"])


def read(s3: Any, name: str, key: str = "k") -> bytes:
    return bytes(s3.get_object(Bucket=name, Key=key)["Body"].read())


@pytest.mark.parametrize(("first", "style"), [("bucket.", "auto"), ("bucket.", "virtual"), ("bucket.", "path"), ("", "virtual"),
                                              ("", "path")])
def test_s3_is_reached_by_each_form_of_its_hosts(cloud: Cloud, first: str, style: str) -> None:
    name, keys = bucket(cloud, k=b"1"), user(cloud)
    s3 = door(cloud, "s3").client("s3", first, keys, config=Config(s3={"addressing_style": style}))
    assert read(s3, name) == b"1"
    s3.put_object(Bucket=name, Key="d/e f+é", Body=b"2")
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=name)["Contents"]] == ["d/e f+é", "k"]


def test_access_points_and_control_have_hosts_of_their_own(cloud: Cloud) -> None:
    name, keys, gate = bucket(cloud, k=b"1"), user(cloud), door(cloud, "s3")
    control = gate.client("s3control", "control.", keys)
    arn = control.create_access_point(AccountId=cloud.account, Name="point", Bucket=name)["AccessPointArn"]
    points = gate.client("s3", "accesspoint.", keys)
    assert read(points, arn) == b"1"
    gate.says({"Action": "s3:GetObject", "Resource": f"{arn}/object/other"})
    assert refusal(points.get_object, Bucket=arn, Key="k")[0] == "AccessDenied"


@pytest.mark.parametrize("zone", ["", "-us-east-1a"])
@pytest.mark.parametrize("base", ["vpce.localhost", "vpce.amazonaws.com"])
def test_other_services_and_zones(cloud: Cloud, zone: str, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = door(cloud, "sqs")
    ask = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: ask("127.0.0.1", *rest, **more))
    label, _, rest = gate.host.partition(".")
    there = gate._replace(host=f"{label}{zone}.{rest}".replace("vpce.localhost", base))
    queue = there.client("sqs", keys=user(cloud)).create_queue(QueueName="q")["QueueUrl"]
    assert cloud.client("sqs").list_queues()["QueueUrls"][0].endswith(f"/{cloud.account}/q")
    assert queue.startswith(f"http://{there.host}:")


def test_an_endpoint_leads_to_its_service_alone(cloud: Cloud) -> None:
    gate = door(cloud, "sqs")
    assert refusal(gate.client("dynamodb").list_tables) == (
        "UnknownOperationException", f"The VPC endpoint {gate.id} is for com.amazonaws.us-east-1.sqs.")
    cloud.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[gate.id])
    assert refusal(gate.client("sqs").list_queues) == (
        "InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{gate.id}' does not exist")


def test_buckets_may_demand_an_endpoint(cloud: Cloud) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html"""
    name, gate, other = bucket(cloud, k=b"1"), door(cloud, "s3"), door(cloud, "s3")
    keys, root = user(cloud), cloud.client("s3")
    arns = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    for key, value in (("aws:SourceVpce", gate.id), ("aws:SourceVpc", gate.vpc)):
        root.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": {
            "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": arns,
            "Condition": {"StringNotEquals": {key: value}}}}))
        assert read(gate.client("s3", keys=keys), name) == b"1"
        for wrong in (other.client("s3", keys=keys), cloud.client("s3", **keys)):
            code, message = refusal(wrong.get_object, Bucket=name, Key="k")
            assert (code, "with an explicit deny in a resource-based policy" in message) == ("AccessDenied", True)


def test_everybody_may_read_by_an_endpoint(cloud: Cloud) -> None:
    name, gate = bucket(cloud, k=b"1"), door(cloud, "s3")
    root = cloud.client("s3")
    root.delete_public_access_block(Bucket=name)
    root.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*",
        "Condition": {"StringEquals": {"aws:SourceVpce": gate.id}}}}))
    nobody = gate.client("s3", config=Config(signature_version=UNSIGNED))
    assert read(nobody, name) == b"1"
    plain = cloud.client("s3", config=Config(signature_version=UNSIGNED))
    assert refusal(plain.get_object, Bucket=name, Key="k")[0] == "AccessDenied"
    gate.says({"Condition": {"StringEquals": {"aws:PrincipalAccount": cloud.account}}})
    assert refusal(nobody.get_object, Bucket=name, Key="k")[0] == "AccessDenied"


def test_the_policy_names_actions_and_resources(cloud: Cloud) -> None:
    name, other, gate = bucket(cloud, k=b"1"), bucket(cloud, k=b"2"), door(cloud, "s3")
    keys = user(cloud)
    arn = f"arn:aws:iam::{cloud.account}:user/ann"
    s3 = gate.client("s3", keys=keys)
    gate.says({"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"})
    assert read(s3, name) == b"1"
    why = "because no VPC endpoint policy allows the {} action"
    assert refusal(s3.get_object, Bucket=other, Key="k") == (
        "AccessDenied", f'User: {arn} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::{other}/k" '
        + why.format("s3:GetObject"))
    assert refusal(s3.put_object, Bucket=name, Key="k", Body=b"")[1].endswith(why.format("s3:PutObject"))
    assert read(cloud.client("s3", **keys), other) == b"2"               # by no endpoint


def test_the_policy_names_principals(cloud: Cloud) -> None:
    ann, ben, gate = user(cloud), user(cloud, "ben"), door(cloud, "sqs")
    gate.says({"Principal": {"AWS": f"arn:aws:iam::{cloud.account}:user/ann"}})
    gate.client("sqs", keys=ann).list_queues()
    assert "no VPC endpoint policy allows" in refusal(gate.client("sqs", keys=ben).list_queues)[1]
    gate.says({"Condition": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{cloud.account}:user/ben"}}})
    gate.client("sqs", keys=ben).list_queues()
    assert refusal(gate.client("sqs", keys=ann).list_queues)[0] == "AccessDenied"
    gate.says({"Principal": {"AWS": cloud.account}})
    gate.client("sqs", keys=ann).list_queues()


def test_the_policy_binds_the_root_as_well(cloud: Cloud) -> None:
    gate = door(cloud, "sqs")
    sqs = gate.client("sqs")
    gate.says({}, {"Effect": "Deny", "Action": "sqs:CreateQueue"})
    sqs.list_queues()
    code, message = refusal(sqs.create_queue, QueueName="q")
    assert (code, message.endswith("with an explicit deny in a VPC endpoint policy")) == ("AccessDenied", True)
    cloud.client("sqs").create_queue(QueueName="q")
    gate.says({"Principal": {"AWS": "arn:aws:iam::999988887777:root"}})
    assert refusal(sqs.list_queues)[1].endswith("because no VPC endpoint policy allows the sqs:listqueues action")


def test_the_policy_gives_nothing_itself(cloud: Cloud) -> None:
    gate, keys = door(cloud, "sqs"), user(cloud, Action="s3:*")
    assert "no identity-based policy allows" in refusal(gate.client("sqs", keys=keys).list_queues)[1]


def test_what_needs_no_permission_needs_the_endpoints(cloud: Cloud) -> None:
    gate, keys = door(cloud, "sts"), user(cloud, Action="s3:*")
    sts = gate.client("sts", keys=keys)
    assert sts.get_caller_identity()["Account"] == cloud.account
    gate.says({"Action": "sts:AssumeRole"})
    assert refusal(sts.get_caller_identity)[0] == "AccessDenied"


def test_a_session_by_the_endpoint_of_sts(cloud: Cloud) -> None:
    gate, keys = door(cloud, "sts"), user(cloud)
    trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": cloud.account},
                           "Condition": {"StringEquals": {"aws:SourceVpce": gate.id}}}}
    role = cloud.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    members = {"RoleArn": role, "RoleSessionName": "one"}
    assert gate.client("sts", keys=keys).assume_role(**members)["Credentials"]["SessionToken"]
    assert refusal(cloud.client("sts", **keys).assume_role, **members)[0] == "AccessDenied"


def test_roles_handed_over_are_not_the_endpoints_affair(cloud: Cloud) -> None:
    gate, keys, iam = door(cloud, "events"), user(cloud), cloud.client("iam")
    trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "events.amazonaws.com"}}}
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    events = gate.client("events", keys=keys)
    gate.says({"Action": "events:*"})
    events.put_rule(Name="r", ScheduleExpression="rate(1 day)", RoleArn=role)
    assert events.describe_rule(Name="r")["RoleArn"] == role


@pytest.mark.parametrize(("operator", "key", "value"), [
    ("StringEquals", "aws:VpceAccount", "{account}"), ("IpAddress", "aws:VpcSourceIp", "127.0.0.0/8"),
    ("ArnLike", "aws:SourceVpcArn", "arn:aws:ec2:us-east-1:{account}:vpc/{vpc}"), ("Null", "aws:SourceIp", "true"),
    ("StringEquals", "aws:SourceVpc", "{vpc}")])
def test_keys_tell_of_the_endpoint(cloud: Cloud, operator: str, key: str, value: str) -> None:
    gate = door(cloud, "sqs")
    wanted = value.format(account=cloud.account, vpc=gate.vpc)
    keys = user(cloud, Condition={operator: {key: wanted}})
    gate.client("sqs", keys=keys).list_queues()
    assert refusal(cloud.client("sqs", **keys).list_queues)[0] == "AccessDenied"


def test_keys_tell_of_the_endpoints_organization(cloud: Cloud) -> None:
    organizations = cloud.client("organizations")
    made = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    keys = user(cloud, Condition={"StringEquals": {"aws:VpceOrgID": made},
                                  "ForAnyValue:StringLike": {"aws:VpceOrgPaths": f"{made}/*"}})
    door(cloud, "sqs").client("sqs", keys=keys).list_queues()
    elsewhere = door(cloud.other(), "sqs")
    assert refusal(elsewhere.client("sqs", keys=keys).list_queues)[0] == "AccessDenied"


def test_an_endpoint_of_another_account_counts_as_well(cloud: Cloud) -> None:
    keys, gate = user(cloud), door(cloud.other(), "sqs")
    sqs = gate.client("sqs", keys=keys)
    sqs.list_queues()
    gate.says({"Condition": {"StringEquals": {"aws:PrincipalAccount": gate.cloud.account}}})
    assert "no VPC endpoint policy allows" in refusal(sqs.list_queues)[1]


def test_signatures_of_endpoints_hosts_are_verified(cloud: Cloud) -> None:
    keys, gate = user(cloud), door(cloud, "sns")
    assert refusal(gate.client("sns", keys=keys | {"secret": "wrong"}).list_topics)[0] == "SignatureDoesNotMatch"
    gate.client("sns", keys=keys).list_topics()


def test_presigned_urls_lead_by_endpoints_too(cloud: Cloud) -> None:
    name, gate = bucket(cloud, k=b"1"), door(cloud, "s3")
    s3 = gate.client("s3", "bucket.", user(cloud), config=Config(s3={"addressing_style": "virtual"}))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "k"})
    assert f"{name}.bucket.{gate.id}" in url
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"1"
    gate.says({"Effect": "Deny"}, {})
    with pytest.raises(urllib.error.HTTPError) as problem:
        urllib.request.urlopen(url)
    assert problem.value.code == 403


@pytest.fixture
def auditing(start_cloud: Start) -> Cloud:
    return Cloud(start_cloud(iam="audit"), new_account())


def test_audit_tells_and_lets_pass(auditing: Cloud) -> None:
    gate = door(auditing, "sqs")
    gate.says({"Effect": "Deny"})
    answer = gate.client("sqs").list_queues()
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-cumulet-iam"] == "audit; denied"


# --- why ---


def explained(cloud: Cloud, **asked: str) -> dict[str, Any]:
    query = urllib.parse.urlencode(asked)
    with urllib.request.urlopen(f"{cloud.endpoint}/_cumulet/explain?{query}") as answer:
        return dict(json.load(answer))


def test_explain_tells_of_the_endpoints_policy_and_what_would_open_it(cloud: Cloud) -> None:
    gate, keys = door(cloud, "sqs"), user(cloud)
    gate.says({"Action": "sqs:GetQueueUrl"})
    sqs = gate.client("sqs", keys=keys)
    with pytest.raises(ClientError) as problem:
        sqs.list_queues()
    told = explained(cloud, request=problem.value.response["ResponseMetadata"]["RequestId"])
    assert (told["decision"], told["by"]) == ("denied", "VPC endpoint policy")
    step = next(s for s in told["steps"] if s["kind"] == "VPC endpoint policy")
    assert (step["verdict"], step["statements"][0]["policy"], step["statements"][0]["action"]) == (
        "is silent", f"policy of {gate.id}", False)
    [change] = told["changes"]
    assert change["kind"] == "VPC endpoint policy"
    assert change["statement"]["Condition"] == {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{cloud.account}:user/ann"}}
    gate.says({"Action": "sqs:GetQueueUrl"}, change["statement"])
    sqs.list_queues()
    assert refusal(gate.client("sqs").list_queues)[0] == "AccessDenied"          # for her alone
    assert explained(cloud, request=problem.value.response["ResponseMetadata"]["RequestId"])["decision"] == "allowed"


def test_explain_answers_what_if_by_an_endpoint(cloud: Cloud) -> None:
    gate = door(cloud, "sqs")
    user(cloud)
    gate.says({"Effect": "Deny", "Action": "sqs:SendMessage"}, {})
    asked = {"principal": f"arn:aws:iam::{cloud.account}:user/ann", "action": "sqs:SendMessage",
             "resource": f"arn:aws:sqs:us-east-1:{cloud.account}:q"}
    assert explained(cloud, **asked)["decision"] == "allowed"
    told = explained(cloud, **asked, **{"context.aws:SourceVpce": gate.id})
    assert (told["decision"], told["by"], told["explicit"]) == ("denied", "VPC endpoint policy", True)
    assert [change["do"] for change in told["changes"]] == ["remove"]

"""Resource policies over the wire: kept with revisions, and deciding where IAM is enforced."""

import json
from typing import Any

import boto3

from .conftest import Make, S, refused

STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}


def policy(principal: str, actions: list[str], *resources: str, effect: str = "Allow") -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Principal": {"AWS": principal}, "Action": actions, "Resource": list(resources)}]})


def arn_of(dynamodb: Any, table: str) -> str:
    arn: str = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    return arn


def test_a_policy_has_revisions(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("guarded", "id")
    arn = arn_of(dynamodb, "guarded")
    one = policy(cloud.account, ["dynamodb:GetItem"], arn)
    two = policy(cloud.account, ["dynamodb:PutItem"], arn)
    assert refused(dynamodb.get_resource_policy, "PolicyNotFoundException", ResourceArn=arn) == \
        f"Resource-based policy not found for the provided ResourceArn: {arn}"
    first = dynamodb.put_resource_policy(ResourceArn=arn, Policy=one, ExpectedRevisionId="NO_POLICY")["RevisionId"]
    assert dynamodb.put_resource_policy(ResourceArn=arn, Policy=one)["RevisionId"] == first
    for revision in ("NO_POLICY", "123"):
        refused(dynamodb.put_resource_policy, "PolicyNotFoundException", ResourceArn=arn, Policy=two,
                ExpectedRevisionId=revision)
    second = dynamodb.put_resource_policy(ResourceArn=arn, Policy=two, ExpectedRevisionId=first)["RevisionId"]
    assert second != first
    told = dynamodb.get_resource_policy(ResourceArn=arn)
    assert (told["Policy"], told["RevisionId"]) == (two, second)
    refused(dynamodb.delete_resource_policy, "PolicyNotFoundException", ResourceArn=arn, ExpectedRevisionId=first)
    assert dynamodb.delete_resource_policy(ResourceArn=arn, ExpectedRevisionId=second)["RevisionId"] == second
    assert "RevisionId" not in dynamodb.delete_resource_policy(ResourceArn=arn)
    refused(dynamodb.delete_resource_policy, "PolicyNotFoundException", ResourceArn=arn, ExpectedRevisionId=second)


def test_what_may_not_become_a_policy(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("strict", "id")
    arn = arn_of(dynamodb, "strict")
    put = dynamodb.put_resource_policy
    for text in ("{", "[]", json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Maybe"}]})):
        refused(put, ResourceArn=arn, Policy=text)
    right = policy(cloud.account, ["dynamodb:GetItem"], arn)
    assert "size exceeds" in refused(put, ResourceArn=arn, Policy=right + " " * 20480)
    refused(put, "ResourceNotFoundException", ResourceArn=arn + "s", Policy=right)
    refused(put, ResourceArn=arn + "/index/i", Policy=right)
    locked = policy(cloud.account, ["dynamodb:PutResourcePolicy"], arn, effect="Deny")
    assert "ConfirmRemoveSelfResourceAccess" in refused(put, ResourceArn=arn, Policy=locked)
    put(ResourceArn=arn, Policy=locked, ConfirmRemoveSelfResourceAccess=True)


def test_a_policy_goes_with_its_table(cloud: Any, make: Make, dynamodb: Any) -> None:
    text = policy(cloud.account, ["dynamodb:GetItem"], "*")
    make("short", "id", ResourcePolicy=text)
    arn = arn_of(dynamodb, "short")
    assert dynamodb.get_resource_policy(ResourceArn=arn)["Policy"] == text
    dynamodb.delete_table(TableName="short")
    make("short", "id")
    refused(dynamodb.get_resource_policy, "PolicyNotFoundException", ResourceArn=arn)


def test_policies_let_other_accounts_in(start_cloud: Any) -> None:
    """Enforced: another account may do what the policies of table and stream allow, and nothing else."""
    endpoint = start_cloud(iam="enforce").cloud.endpoint.replace("localhost", "127.0.0.1")

    def client(service: str, account: str) -> Any:
        return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=account,
                            aws_secret_access_key="test")

    owner, guest = client("dynamodb", "111111111111"), client("dynamodb", "222222222222")
    keys: Any = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST",
                 "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
    arn = owner.create_table(TableName="shared", **keys, **STREAM)["TableDescription"]["TableArn"]
    owner.put_item(TableName="shared", Item={"id": S("a")})
    refused(guest.get_item, "AccessDeniedException", TableName=arn, Key={"id": S("a")})
    owner.put_resource_policy(ResourceArn=arn, Policy=policy("222222222222", [
        "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:DescribeTable", "dynamodb:BatchGetItem"], arn))
    assert guest.get_item(TableName=arn, Key={"id": S("a")})["Item"] == {"id": S("a")}
    guest.put_item(TableName=arn, Item={"id": S("b")})
    assert owner.scan(TableName="shared")["Count"] == 2
    assert guest.describe_table(TableName=arn)["Table"]["TableArn"] == arn
    assert len(guest.batch_get_item(RequestItems={arn: {"Keys": [{"id": S("a")}, {"id": S("b")}]}})["Responses"][arn]) == 2
    for denied in (guest.scan, guest.delete_table):
        refused(denied, "AccessDeniedException", TableName=arn)
    refused(guest.delete_item, "AccessDeniedException", TableName=arn, Key={"id": S("a")})
    refused(client("dynamodb", "333333333333").get_item, "AccessDeniedException", TableName=arn, Key={"id": S("a")})
    stream = owner.describe_table(TableName="shared")["Table"]["LatestStreamArn"]
    reader = client("dynamodbstreams", "222222222222")
    refused(reader.describe_stream, "AccessDeniedException", StreamArn=stream)
    owner.put_resource_policy(ResourceArn=stream, Policy=policy("222222222222", [
        "dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"], stream))
    [shard] = reader.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    iterator = reader.get_shard_iterator(StreamArn=stream, ShardId=shard["ShardId"],
                                         ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    assert [r["dynamodb"]["Keys"]["id"]["S"] for r in reader.get_records(ShardIterator=iterator)["Records"]] == ["a", "b"]
    owner.put_resource_policy(ResourceArn=arn, Policy=policy(
        "111111111111", ["dynamodb:DeleteItem", "dynamodb:BatchWriteItem"], arn, effect="Deny"))
    refused(owner.delete_item, "AccessDeniedException", TableName="shared", Key={"id": S("a")})
    owner.create_table(TableName="open", **keys)
    one_too_many: Any = [{"Put": {"TableName": "open", "Item": {"id": S("a")}}},
                         {"Delete": {"TableName": "shared", "Key": {"id": S("a")}}}]
    refused(owner.transact_write_items, "AccessDeniedException", TransactItems=one_too_many)
    refused(owner.batch_write_item, "AccessDeniedException", RequestItems={
        table: [{"PutRequest": {"Item": {"id": S("a")}}}] for table in ("open", "shared")})
    assert owner.scan(TableName="open")["Count"] == 0
    owner.transact_write_items(TransactItems=one_too_many[:1])
    assert owner.scan(TableName="open")["Count"] == 1
    refused(guest.get_item, "AccessDeniedException", TableName=arn, Key={"id": S("a")})
    owner.delete_resource_policy(ResourceArn=arn)
    owner.delete_item(TableName="shared", Key={"id": S("a")})

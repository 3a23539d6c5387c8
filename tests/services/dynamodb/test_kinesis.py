"""Kinesis streams that hear of a table's changes, read as any consumer of theirs would."""

import json
from pathlib import Path
from typing import Any

from conftest import Cloud, Start, new_account
from enforced import document, user
from enforced import refused as forbidden
from services.kinesis.streams import Stream

from .conftest import Make, N, S, refused

FINE, COARSE = ({"ApproximateCreationDateTimePrecision": name} for name in ("MICROSECOND", "MILLISECOND"))


def told(stream: Stream) -> list[dict[str, Any]]:
    return [json.loads(record["Data"]) for record in stream.records()]


def put(dynamodb: Any, table: str, key: str, **more: Any) -> None:
    dynamodb.put_item(TableName=table, Item={"id": S(key), **more})


def status(dynamodb: Any, table: str) -> dict[str, tuple[str, str]]:
    found = dynamodb.describe_kinesis_streaming_destination(TableName=table)["KinesisDataStreamDestinations"]
    return {one["StreamArn"]: (one["DestinationStatus"], one["ApproximateCreationDateTimePrecision"]) for one in found}


def test_each_change_of_an_item_is_a_record(cloud: Any, make: Make, dynamodb: Any) -> None:
    table, stream = make("told", "id"), Stream(cloud)
    put(dynamodb, table, "before")
    answer = dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=stream.arn)
    assert (answer["TableName"], answer["StreamArn"], answer["DestinationStatus"]) == (table, stream.arn, "ENABLING")
    assert status(dynamodb, table) == {stream.arn: ("ACTIVE", "MICROSECOND")}
    put(dynamodb, table, "a", b={"B": b"bin"})
    put(dynamodb, table, "a", b={"B": b"bin"})                                   # nothing changed
    dynamodb.update_item(TableName=table, Key={"id": S("a")}, UpdateExpression="SET n = :n",
                         ExpressionAttributeValues={":n": N(1)})
    dynamodb.delete_item(TableName=table, Key={"id": S("a")})
    found = told(stream)
    one, two = {"id": S("a"), "b": {"B": "Ymlu"}}, {"id": S("a"), "b": {"B": "Ymlu"}, "n": N(1)}
    assert [(r["eventName"], r["dynamodb"].get("OldImage"), r["dynamodb"].get("NewImage")) for r in found] == [
        ("INSERT", None, one), ("MODIFY", one, two), ("REMOVE", two, None)]
    first = found[0]
    assert {name: first[name] for name in ("awsRegion", "userIdentity", "recordFormat", "tableName", "eventSource")} == {
        "awsRegion": "us-east-1", "userIdentity": None, "recordFormat": "application/json", "tableName": table,
        "eventSource": "aws:dynamodb"}
    assert first["dynamodb"]["Keys"] == {"id": S("a")}
    assert first["dynamodb"]["SizeBytes"] == 2 + 1 + 1 + 3
    assert first["dynamodb"]["ApproximateCreationDateTimePrecision"] == "MICROSECOND"
    assert abs(first["dynamodb"]["ApproximateCreationDateTime"] / 1e6 - cloud.clock.now()) < 60
    assert len({r["eventID"] for r in found}) == 3
    assert len({r["PartitionKey"] for r in stream.records()}) == 1


def test_records_of_an_item_keep_their_order_over_many_shards(cloud: Any, make: Make, dynamodb: Any) -> None:
    table, stream = make("ordered", "id"), Stream(cloud, shards=3)
    dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=stream.arn)
    for turn in range(5):
        dynamodb.batch_write_item(RequestItems={table: [
            {"PutRequest": {"Item": {"id": S(f"i{number}"), "n": N(turn)}}} for number in range(25)]})
    seen: dict[str, list[str]] = {}
    for record in told(stream):
        seen.setdefault(record["dynamodb"]["Keys"]["id"]["S"], []).append(record["dynamodb"]["NewImage"]["n"]["N"])
    assert seen == {f"i{number}": ["0", "1", "2", "3", "4"] for number in range(25)}


def test_what_a_stream_refuses_comes_later(cloud: Any, make: Make, dynamodb: Any) -> None:
    table, stream = make("hasty", "id"), Stream(cloud)
    dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=stream.arn)
    for turn in range(10):
        put(dynamodb, table, f"i{turn % 2}", n=N(turn), text=S("x" * 300_000))   # two images: a shard takes 1 MiB a second
    cloud.clock.advance(30)
    found = told(stream)
    for item in ("i0", "i1"):
        turns = [r["dynamodb"]["NewImage"]["n"]["N"] for r in found if r["dynamodb"]["Keys"]["id"]["S"] == item]
        assert turns == [str(turn) for turn in range(10) if f"i{turn % 2}" == item]


def test_items_that_expire_are_removed_by_the_service(cloud: Any, make: Make, dynamodb: Any) -> None:
    table, stream = make("ending", "id"), Stream(cloud)
    dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"})
    dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=stream.arn,
                                                  EnableKinesisStreamingConfiguration=COARSE)
    put(dynamodb, table, "a", ends=N(int(cloud.clock.now()) + 10))
    cloud.clock.advance(20)
    come, gone = told(stream)
    assert (come["eventName"], come["userIdentity"]) == ("INSERT", None)
    assert (gone["eventName"], gone["userIdentity"]) == (
        "REMOVE", {"type": "Service", "principalId": "dynamodb.amazonaws.com"})
    assert gone["dynamodb"]["ApproximateCreationDateTimePrecision"] == "MILLISECOND"
    assert abs(gone["dynamodb"]["ApproximateCreationDateTime"] / 1e3 - cloud.clock.now()) < 60


def test_a_destination_is_changed_and_switched_off_and_on(cloud: Any, make: Make, dynamodb: Any) -> None:
    table, stream = make("switched", "id"), Stream(cloud)
    named = {"TableName": table, "StreamArn": stream.arn}
    dynamodb.enable_kinesis_streaming_destination(**named)
    assert "must be DISABLED or ENABLE_FAILED to perform ENABLE operation" in refused(
        dynamodb.enable_kinesis_streaming_destination, **named)
    update = dynamodb.update_kinesis_streaming_destination
    assert "cannot be null" in refused(update, **named)
    assert "already set to the desired value of MICROSECOND" in refused(
        update, **named, UpdateKinesisStreamingConfiguration=FINE)
    assert update(**named, UpdateKinesisStreamingConfiguration=COARSE)["DestinationStatus"] == "UPDATING"
    assert status(dynamodb, table) == {stream.arn: ("ACTIVE", "MILLISECOND")}
    put(dynamodb, table, "a")
    assert dynamodb.disable_kinesis_streaming_destination(**named)["DestinationStatus"] == "DISABLING"
    assert status(dynamodb, table) == {stream.arn: ("DISABLED", "MILLISECOND")}
    assert "must be ACTIVE to perform DISABLE operation" in refused(dynamodb.disable_kinesis_streaming_destination, **named)
    put(dynamodb, table, "unheard")
    dynamodb.enable_kinesis_streaming_destination(**named)
    put(dynamodb, table, "b")
    assert [r["dynamodb"]["Keys"]["id"]["S"] for r in told(stream)] == ["a", "b"]


def test_two_streams_may_hear_of_a_table(cloud: Any, make: Make, dynamodb: Any) -> None:
    table, streams = make("wide", "id"), [Stream(cloud, f"s{number}") for number in range(3)]
    for stream in streams[:2]:
        dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=stream.arn)
    refused(dynamodb.enable_kinesis_streaming_destination, "LimitExceededException", TableName=table, StreamArn=streams[2].arn)
    put(dynamodb, table, "a")
    assert [len(told(stream)) for stream in streams] == [1, 1, 0]


def test_what_a_table_told_still_comes_when_it_is_gone(cloud: Any, make: Make, dynamodb: Any) -> None:
    table, stream = make("brief", "id"), Stream(cloud)
    dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=stream.arn)
    put(dynamodb, table, "a")
    dynamodb.delete_table(TableName=table)
    assert [r["eventName"] for r in told(stream)] == ["INSERT"]
    make("brief", "id")
    assert status(dynamodb, table) == {}


def test_streams_that_cannot_hear_are_refused(cloud: Any, make: Make, dynamodb: Any) -> None:
    table = make("alone", "id")
    enable = dynamodb.enable_kinesis_streaming_destination
    here = f"arn:aws:kinesis:us-east-1:{cloud.account}:stream/none"
    refused(enable, "ResourceNotFoundException", TableName=table, StreamArn=here)
    refused(enable, "ResourceNotFoundException", TableName="nothing", StreamArn=here)
    refused(enable, TableName=table, StreamArn=f"arn:aws:kinesis:eu-west-1:{cloud.account}:stream/none")
    refused(enable, TableName=table, StreamArn=f"arn:aws:sqs:us-east-1:{cloud.account}:not-a-stream")
    for change in (dynamodb.disable_kinesis_streaming_destination, dynamodb.update_kinesis_streaming_destination):
        members = {"UpdateKinesisStreamingConfiguration": FINE} if "update" in change.__name__ else {}
        refused(change, "ResourceNotFoundException", TableName=table, StreamArn=here, **members)


def test_the_first_destination_makes_the_linked_role(cloud: Any, make: Make, dynamodb: Any) -> None:
    table, stream = make("linked", "id"), Stream(cloud)
    dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=stream.arn)
    role = cloud.client("iam").get_role(RoleName="AWSServiceRoleForDynamoDBKinesisDataStreamsReplication")["Role"]
    assert role["Path"] == "/aws-service-role/kinesisreplication.dynamodb.amazonaws.com/"


def test_what_was_written_before_the_process_ended_still_comes(start_cloud: Start, tmp_path: Path) -> None:
    cloud = Cloud(start_cloud(tmp_path), new_account())
    stream, dynamodb = Stream(cloud), cloud.client("dynamodb")
    dynamodb.create_table(TableName="told", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    dynamodb.enable_kinesis_streaming_destination(TableName="told", StreamArn=stream.arn)
    for turn in range(12):
        put(dynamodb, "told", "same", n=N(turn), text=S("x" * 200_000))             # a shard takes a MiB a second
    cloud.thread.stop()
    cloud = Cloud(start_cloud(tmp_path), cloud.account)
    cloud.clock.advance(30)
    found = told(Stream(cloud, made=True))
    assert [record["dynamodb"]["NewImage"]["n"]["N"] for record in found] == [str(turn) for turn in range(12)]


def test_what_no_stream_takes_for_a_day_is_given_up(cloud: Any, make: Make, dynamodb: Any) -> None:
    table, stream = make("lost", "id"), Stream(cloud)
    dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=stream.arn)
    stream.client.delete_stream(StreamName=stream.name)
    cloud.clock.advance(60)
    put(dynamodb, table, "a")
    cloud.clock.advance(3600)
    put(dynamodb, table, "b")
    cloud.clock.advance(82_000)
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in told(Stream(cloud))] == []
    cloud.clock.advance(60)
    assert [record["dynamodb"]["Keys"]["id"]["S"] for record in told(Stream(cloud, made=True))] == ["a", "b"]
    stream.client.delete_stream(StreamName=stream.name)
    cloud.clock.advance(60)
    put(dynamodb, table, "c")
    cloud.clock.advance(86_600)
    again = Stream(cloud)
    cloud.clock.advance(120)
    assert told(again) == []


def test_who_enables_may_write_to_the_stream_and_the_linked_role_does(strict: Cloud) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_iam.html"""
    stream, here = Stream(strict), f"arn:aws:dynamodb:us-east-1:{strict.account}:table/music"
    table = {"Action": ["dynamodb:*"], "Resource": here}
    listing = {"Action": ["kinesis:ListStreams"], "Resource": "*"}
    keys = user(strict, "ann", document(table, listing))
    dynamodb = strict.client("dynamodb", **keys)
    dynamodb.create_table(TableName="music", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    enable = dynamodb.enable_kinesis_streaming_destination
    assert "kinesis:PutRecords" in forbidden(enable, TableName="music", StreamArn=stream.arn)
    iam, stream_too = strict.client("iam"), {"Action": ["kinesis:PutRecords", "kinesis:DescribeStream"], "Resource": stream.arn}
    iam.put_user_policy(UserName="ann", PolicyName="p0", PolicyDocument=document(table, listing, stream_too))
    enable(TableName="music", StreamArn=stream.arn)
    iam.put_user_policy(UserName="ann", PolicyName="p0", PolicyDocument=document(table))
    put(dynamodb, "music", "a")
    assert [record["eventName"] for record in told(stream)] == ["INSERT"]


def test_each_replica_tells_its_own_stream(cloud: Any, make: Make, dynamodb: Any) -> None:
    table = make("global", "id", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    dynamodb.update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
    cloud.clock.idle()
    here, there = Stream(cloud), Stream(cloud, region="eu-west-1")
    dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=here.arn)
    cloud.client("dynamodb", region="eu-west-1").enable_kinesis_streaming_destination(TableName=table, StreamArn=there.arn)
    put(dynamodb, table, "a")
    for stream, region in ((here, "us-east-1"), (there, "eu-west-1")):
        assert [(record["awsRegion"], record["dynamodb"]["Keys"]["id"]["S"]) for record in told(stream)] == [(region, "a")]


def test_transactions_statements_and_batches_are_told_as_well(cloud: Any, make: Make, dynamodb: Any) -> None:
    table, stream = make("many", "id"), Stream(cloud)
    dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=stream.arn)
    dynamodb.transact_write_items(TransactItems=[
        {"Put": {"TableName": table, "Item": {"id": S(item)}}} for item in ("a", "b")])
    dynamodb.execute_statement(Statement=f"INSERT INTO \"{table}\" VALUE {{'id': 'c'}}")
    dynamodb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": {"id": S("a")}}}]})
    assert [(record["eventName"], record["dynamodb"]["Keys"]["id"]["S"]) for record in told(stream)] == [
        ("INSERT", "a"), ("INSERT", "b"), ("INSERT", "c"), ("REMOVE", "a")]


def declared(cloud: Cloud, op: str, path: str, value: Any = None) -> str:
    """Patch table `sold` as Cloud Control has it; what became of it."""
    event = cloud.client("cloudcontrol").update_resource(
        TypeName="AWS::DynamoDB::Table", Identifier="sold", PatchDocument=json.dumps(
            [{"op": op, "path": f"/KinesisStreamSpecification{path}", **({"value": value} if value else {})}]))["ProgressEvent"]
    return str(event["OperationStatus"])


def test_a_declared_table_names_its_stream(cloud: Cloud, dynamodb: Any) -> None:
    one, two = Stream(cloud, "one"), Stream(cloud, "two")
    control, table = cloud.client("cloudcontrol"), {"TypeName": "AWS::DynamoDB::Table"}
    made = control.create_resource(**table, DesiredState=json.dumps({
        "TableName": "sold", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KinesisStreamSpecification": {"StreamArn": one.arn}}))
    assert made["ProgressEvent"]["OperationStatus"] == "SUCCESS"
    put(dynamodb, "sold", "a")
    assert [record["dynamodb"]["Keys"] for record in told(one)] == [{"id": S("a")}]
    properties = json.loads(control.get_resource(**table, Identifier="sold")["ResourceDescription"]["Properties"])
    assert properties["KinesisStreamSpecification"] == {"StreamArn": one.arn, **FINE}
    assert declared(cloud, "replace", "/ApproximateCreationDateTimePrecision", "MILLISECOND") == "SUCCESS"
    assert status(dynamodb, "sold") == {one.arn: ("ACTIVE", "MILLISECOND")}
    assert declared(cloud, "replace", "/StreamArn", two.arn) == "SUCCESS"
    assert status(dynamodb, "sold") == {one.arn: ("DISABLED", "MILLISECOND"), two.arn: ("ACTIVE", "MILLISECOND")}
    assert declared(cloud, "remove", "") == "SUCCESS"
    put(dynamodb, "sold", "b")
    assert {state for state, _ in status(dynamodb, "sold").values()} == {"DISABLED"}
    assert (len(told(one)), told(two)) == (1, [])

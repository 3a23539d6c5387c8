"""What was to be looked at, and done at a time, is so by the next process."""

from pathlib import Path
from typing import Any

from conftest import Cloud, Start, new_account

from .conftest import READS, WRITES, tracking


def test_the_next_process_goes_on(start_cloud: Start, tmp_path: Path) -> None:
    account, thread = new_account(), start_cloud(tmp_path)
    cloud = Cloud(thread, account)
    scaling: Any = cloud.client("application-autoscaling")
    cloud.client("dynamodb").create_table(
        TableName="things", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})
    for target in (WRITES, READS):
        scaling.register_scalable_target(**target, MinCapacity=2, MaxCapacity=20)
    scaling.put_scaling_policy(PolicyName="half", **WRITES, **tracking(50))
    scaling.put_scheduled_action(ScheduledActionName="soon", **READS, Schedule="rate(2 minutes)",
                                 ScalableTargetAction={"MinCapacity": 9})
    thread.stop()
    cloud = Cloud(start_cloud(tmp_path), account)
    dynamodb: Any = cloud.client("dynamodb")
    cloud.clock.advance((80 - cloud.clock.now() % 60) % 60)
    for _ in range(3):
        dynamodb.batch_write_item(RequestItems={"things": [
            {"PutRequest": {"Item": {"id": {"S": str(n)}, "text": {"S": "x" * 10_000}}}} for n in range(20)]})
        cloud.clock.advance(60)
    units = dynamodb.describe_table(TableName="things")["Table"]["ProvisionedThroughput"]
    assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) == (9, 7)

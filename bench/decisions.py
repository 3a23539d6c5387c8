"""What a decision costs: for the root, with policies off, and for a user with ten policies of twenty statements.

    python bench/decisions.py            microseconds of the processor a decision, the best of five rounds
"""

from __future__ import annotations

import json
import sys
import tempfile
from time import thread_time
from typing import Any

from cumulet.faces import control
from cumulet.kernel import wire
from cumulet.kernel.access.authorize import authorize
from cumulet.kernel.access.contract import Principal, root_of
from cumulet.kernel.call import Call
from cumulet.kernel.cloud import CloudThread
from cumulet.kernel.settings import Settings
from drive import once
from signed import Maker

ACCOUNT = "123456789012"
TIMES, ROUNDS, POLICIES, STATEMENTS = 5_000, 5, 10, 20


def document(number: int) -> str:
    """Twenty statements; only one of one policy fits."""
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": [f"service{n}:Get*", f"service{n}:List*", f"service{n}:Describe{number}"],
         "Resource": f"arn:aws:service{n}:*:{ACCOUNT}:thing/{number}/*",
         "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}} for n in range(STATEMENTS - 1)]
    statements.append({"Effect": "Allow", "Action": "sqs:*", "Resource": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q{number}",
                       "Condition": {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/*"}}})
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def prepare(maker: Maker) -> str:
    """A queue and a user with ten policies; the queue's URL."""
    iam, sqs = maker.client("iam"), maker.client("sqs")
    iam.create_user(UserName="ann")
    for number in range(POLICIES):
        made = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=document(number))["Policy"]["Arn"]
        iam.attach_user_policy(UserName="ann", PolicyArn=made)
    return str(sqs.create_queue(QueueName="q9")["QueueUrl"])


def timed(call: Call, op: Any, members: dict[str, Any]) -> float:
    """Microseconds a decision."""
    best = 1e9
    for _ in range(ROUNDS):
        begun = thread_time()
        for _ in range(TIMES):
            authorize(call, op, members)
        best = min(best, thread_time() - begun)
    return best / TIMES * 1e6


def measure(iam: str) -> dict[str, float]:
    """Decisions of one server mode, by who asks for what."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(ports=(0,), data=f"{folder}/state", ephemeral=True, iam=iam)       # type: ignore[arg-type]
        thread = CloudThread(settings, lambda cloud: control.mount(cloud) and None).start()
        try:
            cloud = thread.cloud
            maker = Maker(int(cloud.endpoint.rpartition(":")[2]))
            url = prepare(maker)
            once(maker.port, maker.request("ec2", "describe_vpcs"), 1)
            arn = f"arn:aws:iam::{ACCOUNT}:user/ann"
            row = maker.client("iam").get_user(UserName="ann")["User"]["UserId"]
            ann = Principal("user", ACCOUNT, arn, row, arn, "AKIAX")
            asked = {"root, SendMessage": (root_of(ACCOUNT), "sqs", "SendMessage", {"QueueUrl": url, "MessageBody": "x"}),
                     "root, DescribeVpcs": (root_of(ACCOUNT), "ec2", "DescribeVpcs", {}),
                     "user, SendMessage": (ann, "sqs", "SendMessage", {"QueueUrl": url, "MessageBody": "x"})}

            def work(tx: Any) -> dict[str, float]:
                return {name: timed(Call(cloud, tx, service, operation, ACCOUNT, "us-east-1", who, cloud.clock.now()),
                                    wire.op(service, operation), members)
                        for name, (who, service, operation, members) in asked.items()}

            async def run() -> dict[str, float]:
                return await cloud.store.run(work)

            found: dict[str, float] = thread.call(run())
            return found
        finally:
            thread.stop()


if __name__ == "__main__":
    for mode in ("off", "enforce"):
        for name, cost in measure(mode).items():
            print(f"{mode:8} {name:20} {cost:7.2f} µs")
    sys.exit(0)

"""Whatever a request holds that its model lets pass, a decision is made: nothing in the way of it fails."""

from __future__ import annotations

import os
import random
from typing import Any

import botocore.session
import pytest

from conftest import Cloud, new_account
from cumulet.kernel import Call, wire
from cumulet.kernel.access.authorize import Weighing
from cumulet.kernel.access.contract import Principal
from cumulet.kernel.access.engine import Named
from cumulet.kernel.access.policy import compiled
from cumulet.kernel.catalog import Catalog

CATALOG = Catalog(lambda kinds: None)
ODD = ["", ":", "/", "arn:", "arn:aws:", "arn:aws:sqs:us-east-1:111122223333:q", "arn:aws:iam::111122223333:role/", "a:b:c",
       "arn:aws:iam::111122223333:role/a/b", "111122223333", "function:f:1", "http://h/111122223333/q", "http://h", "x", "*",
       "?", "bucket/key?versionId=1", "%2", "${aws:username}", "é\n", "key=value&k", "arn:aws:s3:::b/k", "alias/x", "k" * 300]
ROUNDS = int(os.environ.get("ROUNDS", "6"))
ASKING = compiled('{"Version":"2012-10-17","Statement":[' + ",".join(
    f'{{"Effect":"Allow","Action":"*","Resource":"arn:aws:*:*:*:${{{key}, \'x\'}}*",'
    f'"Condition":{{"StringLike":{{"{key}":"*"}}}}}}'
    for key in ("aws:RequestTag/a", "aws:ResourceTag/a", "aws:TagKeys", "s3:prefix", "kms:ViaService", "ssm:Overwrite",
                "dynamodb:LeadingKeys", "aws:ResourceOrgID", "iam:PassedToService", "ec2:Vpc", "lambda:FunctionArn",
                "sts:ExternalId", "aws:SourceIp", "secretsmanager:SecretId", "sns:Protocol")) + "]}")


def odd(shape: Any, chance: random.Random, depth: int = 0) -> Any:
    """Some value of a shape."""
    kind = shape.type_name
    if kind == "structure":
        return {name: odd(s, chance, depth + 1) for name, s in shape.members.items()
                if depth < 4 and (name in shape.required_members or chance.random() < 0.5)}
    if kind == "list":
        return [odd(shape.member, chance, depth + 1) for _ in range(chance.randint(0, 2))] if depth < 4 else []
    if kind == "map":
        return {chance.choice(ODD): odd(shape.value, chance, depth + 1)} if depth < 4 and chance.random() < 0.8 else {}
    if kind == "string":
        return chance.choice([*ODD, *shape.metadata.get("enum", [])[:3]])
    return {"boolean": chance.random() < 0.5, "timestamp": 1.5, "blob": b"x", "float": 1.0, "double": 1.0}.get(kind, 1)


@pytest.mark.parametrize("api", sorted(CATALOG.apis))
def test_any_members_are_decided_on(cloud: Cloud, api: str) -> None:
    kernel, model, account = cloud.kernel, botocore.session.Session().get_service_model(api), new_account()
    chance = random.Random(api)
    arn = f"arn:aws:iam::{account}:user/ann"
    who = Principal("user", account, arn, "AIDAX", arn)

    def work(tx: Any) -> None:
        for name in kernel.catalog.load(api).operations[api]:
            if name not in model.operation_names:            # what browsers ask: AWS has no model of it
                continue
            shape = model.operation_model(name).input_shape
            for _ in range(ROUNDS):
                members = odd(shape, chance) if shape is not None else {}
                call = Call(kernel, tx, api, name, account, "us-east-1", who, kernel.clock.now(), request_id=name)
                weighing = Weighing(call, members, "audit")
                weighing.sets = weighing.sets._replace(identity=(Named("asking", ASKING),))
                try:
                    weighing.decide()
                except Exception as problem:
                    raise AssertionError(f"{api}:{name} with {members}") from problem

    assert wire.model(api)
    cloud.thread.call(kernel.store.run(work))

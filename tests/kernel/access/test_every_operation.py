"""Every operation of every service is decided on: denied to who has no policy, allowed by its own actions on its own ARNs."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest

from conftest import Cloud, Start, new_account
from cumulet.kernel import Call, wire
from cumulet.kernel.access import passing
from cumulet.kernel.access.authorize import Weighing, authorize
from cumulet.kernel.access.contract import Principal
from cumulet.kernel.access.engine import Named
from cumulet.kernel.access.policy import compiled
from cumulet.kernel.access.targets import targets
from cumulet.kernel.catalog import Catalog

CATALOG = Catalog(lambda kinds: None)
# Nobody needs a permission for these.
FREE = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}
MOST = 4                     # how deep members are made up


@pytest.fixture(scope="module")
def enforcing(start_cloud: Start) -> Any:
    return start_cloud(iam="enforce")


def made_up(shape: Any, depth: int = 0) -> Any:
    """The least that the model lets pass for a member."""
    kind = shape.type_name
    if kind == "structure":
        return {name: made_up(shape.members[name], depth + 1) for name in shape.required_members} if depth < MOST else {}
    if kind == "list":
        return [made_up(shape.member, depth + 1)] if depth < MOST else []
    if kind == "map":
        return {"k": made_up(shape.value, depth + 1)} if depth < MOST else {}
    if kind in ("integer", "long"):
        return shape.metadata.get("min", 1)
    if kind in ("float", "double"):
        return 1.0
    if kind == "boolean":
        return True
    if kind == "timestamp":
        return 1_800_000_000.0
    if kind == "blob":
        return b"x"
    return shape.metadata["enum"][0] if shape.metadata.get("enum") else "x" * max(3, shape.metadata.get("min", 0))


def document(pairs: list[tuple[str, str]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in pairs]})


@pytest.mark.parametrize("api", sorted(CATALOG.apis))
def test_denied_without_and_allowed_with_its_actions(enforcing: Any, api: str) -> None:
    cloud = Cloud(enforcing, new_account())
    kernel, model = cloud.kernel, botocore.session.Session().get_service_model(api)
    arn = f"arn:aws:iam::{cloud.account}:user/nobody"
    who = Principal("user", cloud.account, arn, "AIDANOBODY", arn)

    def work(tx: Any) -> list[str]:
        wrong = []
        for name in kernel.catalog.load(api).operations[api]:
            if name not in model.operation_names:            # what browsers ask: AWS has no model of it
                continue
            op, shape = wire.op(api, name), model.operation_model(name).input_shape
            if (api, name) in FREE or op.unsigned:
                continue
            members = made_up(shape) if shape is not None else {}
            call = Call(kernel, tx, api, name, cloud.account, "us-east-1", who, kernel.clock.now(), request_id=name)
            parts = getattr(kernel.catalog.load(api).access, "parts", ())
            if authorize(call, op, members, part=name in parts).allowed:
                wrong.append(f"{name} is allowed without a policy")
            pairs = [*targets(call, members), (passing.PASS_ROLE, "*")]
            weighing = Weighing(call, members, "enforce")
            weighing.sets = weighing.sets._replace(identity=(Named("its own", compiled(document(pairs))),))
            if not (decision := weighing.decide()).allowed:
                wrong.append(f"{name} is refused with {pairs}: {decision.message}")
        return wrong

    assert cloud.thread.call(kernel.store.run(work)) == []

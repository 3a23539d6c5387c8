"""Policies of parameters: they expire, and somebody is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused
from services.ssm.test_parameters import get, put, ssm  # noqa: F401  (a fixture)

DAY = 86_400
Heard = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def heard(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Heard:
    found: Heard = []

    def emit(call: Any, source: str, kind: str, detail: dict[str, Any], resources: Any) -> None:
        if call.account == cloud.account and source == "aws.ssm":
            found.append((kind, detail))

    monkeypatch.setattr(cloud.kernel.bus, "emit", emit)
    return found


def expiration(cloud: Cloud, days: float) -> dict[str, Any]:
    when = datetime.fromtimestamp(cloud.clock.now() + days * DAY, UTC)
    return {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": when.strftime("%Y-%m-%dT%H:%M:%S.000Z")}}


def notice(kind: str, count: Any, unit: Any = "Days") -> dict[str, Any]:
    return {"Type": kind, "Version": "1.0",
            "Attributes": {"Before" if kind == "ExpirationNotification" else "After": str(count), "Unit": unit}}


def put_with(ssm: Any, *policies: dict[str, Any], **more: Any) -> None:  # noqa: F811
    put(ssm, "/p", Tier="Advanced", Policies=json.dumps(policies), **more)


def statuses(ssm: Any) -> dict[str, str]:  # noqa: F811
    told = ssm.describe_parameters()["Parameters"][0]["Policies"]
    return {one["PolicyType"]: one["PolicyStatus"] for one in told}


def test_a_parameter_expires_and_says_so_before(cloud: Cloud, ssm: Any, heard: Heard) -> None:  # noqa: F811
    put_with(ssm, expiration(cloud, 10), notice("ExpirationNotification", 2))
    assert statuses(ssm) == {"Expiration": "Pending", "ExpirationNotification": "Pending"}
    cloud.clock.advance(7 * DAY)
    assert heard == [("Parameter Store Change", {"operation": "Create", "name": "/p", "type": "String"})]
    cloud.clock.advance(1 * DAY + 60)
    kind, detail = heard[-1]
    assert kind == "Parameter Store Policy Action"
    assert (detail["policy-type"], detail["parameter-name"]) == ("ExpirationNotification", "/p")
    assert statuses(ssm) == {"Expiration": "Pending", "ExpirationNotification": "Finished"}
    cloud.clock.advance(2 * DAY)
    with refused("ParameterNotFound"):
        get(ssm, "/p")
    assert [detail.get("policy-type", detail.get("operation")) for _, detail in heard] \
        == ["Create", "ExpirationNotification", "Expiration", "Delete"]


def test_an_update_starts_the_wait_for_changes_anew(cloud: Cloud, ssm: Any, heard: Heard) -> None:  # noqa: F811
    put_with(ssm, notice("NoChangeNotification", 20, "Hours"))
    cloud.clock.advance(15 * 3600)
    put(ssm, "/p", "new", Overwrite=True)
    cloud.clock.advance(15 * 3600)
    assert [kind for kind, _ in heard] == ["Parameter Store Change"] * 2
    cloud.clock.advance(6 * 3600)
    assert heard[-1][1]["policy-type"] == "NoChangeNotification"
    cloud.clock.advance(DAY * 30)
    assert len(heard) == 3


def test_policies_are_replaced_and_taken_away(cloud: Cloud, ssm: Any) -> None:  # noqa: F811
    put_with(ssm, expiration(cloud, 1))
    put(ssm, "/p", "kept", Overwrite=True)
    assert statuses(ssm) == {"Expiration": "Pending"}
    put_with(ssm, {}, Overwrite=True)
    assert ssm.describe_parameters()["Parameters"][0]["Policies"] == []
    cloud.clock.advance(2 * DAY)
    assert get(ssm, "/p")["Version"] == 3
    history = ssm.get_parameter_history(Name="/p")["Parameters"]
    assert [len(one["Policies"]) for one in history] == [1, 1, 0]


@pytest.mark.parametrize(("policies", "code"), [
    ("no json", "InvalidPolicyTypeException"), ("[" * 2_000, "InvalidPolicyTypeException"),
    ([{"Type": ["Expiration"], "Version": "1.0", "Attributes": {}}], "InvalidPolicyTypeException"),
    ([{"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": 5}}], "InvalidPolicyAttributeException"),
    ([notice("NoChangeNotification", 1, ["Days"])], "InvalidPolicyAttributeException"),
    ([notice("NoChangeNotification", "²")], "InvalidPolicyAttributeException"),
    ([{"Type": "Other", "Version": "1.0", "Attributes": {}}], "InvalidPolicyTypeException"),
    ([notice("NoChangeNotification", 1, "Weeks")], "InvalidPolicyAttributeException"),
    ([{**notice("NoChangeNotification", 1), "Version": "2.0"}], "InvalidPolicyAttributeException"),
    ([{"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "soon"}}], "InvalidPolicyAttributeException"),
    ([notice("ExpirationNotification", 1)], "IncompatiblePolicyException"),
    ([notice("NoChangeNotification", number) for number in range(1, 12)], "PoliciesLimitExceededException")])
def test_policies_that_make_no_sense(ssm: Any, policies: Any, code: str) -> None:  # noqa: F811
    text = policies if isinstance(policies, str) else json.dumps(policies)
    with refused(code):
        put(ssm, "/p", Tier="Advanced", Policies=text)


def test_only_advanced_parameters_have_policies(cloud: Cloud, ssm: Any) -> None:  # noqa: F811
    with refused("ValidationException", "only supported for advanced-tier parameters"):
        put(ssm, "/p", Policies=json.dumps([expiration(cloud, 1)]))
    with refused("IncompatiblePolicyException"):
        put_with(ssm, expiration(cloud, 1), expiration(cloud, 2))
    assert put(ssm, "/p", Tier="Intelligent-Tiering", Policies=json.dumps([expiration(cloud, 1)]))["Tier"] == "Advanced"

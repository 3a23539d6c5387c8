"""Detectors that have learned, and what is new to them."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused


@pytest.fixture
def detector(cloud: Cloud, logs: Any, group: str, put: Any) -> str:
    """The ARN of one that knows two patterns, and looks each minute."""
    put([f"INFO took {n} ms" for n in range(5)] + ["INFO user ann came in from home", "INFO user bob came in from home"])
    arn = logs.create_log_anomaly_detector(logGroupArnList=[f"arn:aws:logs:us-east-1:{cloud.account}:log-group:{group}"],
                                           evaluationFrequency="ONE_MIN")["anomalyDetectorArn"]
    cloud.clock.idle()
    assert logs.get_log_anomaly_detector(anomalyDetectorArn=arn)["anomalyDetectorStatus"] == "ANALYZING"
    return str(arn)


@pytest.fixture
def found(cloud: Cloud, logs: Any, detector: str, put: Any) -> Any:
    """Puts messages, and gives the anomalies after the next look."""

    def found(*messages: str, **members: Any) -> list[dict[str, Any]]:
        if messages:
            put(messages, at=0)
        cloud.clock.advance(61)
        cloud.clock.idle()
        return list(logs.list_anomalies(anomalyDetectorArn=detector, **members)["anomalies"])

    return found


def test_new_patterns_are_anomalies(cloud: Cloud, logs: Any, detector: str, found: Any) -> None:
    assert found("INFO took 77 ms", "INFO user cid came in from home") == []
    (told,) = found("ERROR no disk 7", "INFO took 1 ms", "ERROR no disk 9")
    assert (told["patternString"], told["priority"]) == ("ERROR no disk <*>", "HIGH")
    assert (told["state"], told["active"]) == ("Active", True)
    assert [sample["message"] for sample in told["logSamples"]] == ["ERROR no disk 7", "ERROR no disk 9"]
    assert list(told["histogram"].values()) == [2]
    assert told["patternTokens"][-1] == {"tokenString": "<*>", "isDynamic": True, "dynamicTokenPosition": 1}
    assert (len(told["patternId"]), told["anomalyDetectorArn"]) == (32, detector)
    (told,) = found("ERROR no disk 8")
    assert sorted(told["histogram"].values()) == [1, 2]
    assert len(found("WARN odd")) == 2
    assert [len(page["anomalies"]) for page in logs.get_paginator("list_anomalies").paginate(
        PaginationConfig={"PageSize": 1})] == [1, 1]
    logs.delete_log_anomaly_detector(anomalyDetectorArn=detector)
    assert logs.list_anomalies()["anomalies"] == []


def test_anomalies_are_suppressed_and_become_normal(cloud: Cloud, logs: Any, detector: str, found: Any) -> None:
    (told,) = found("ERROR no disk 7")
    said = {"anomalyDetectorArn": detector, "anomalyId": told["anomalyId"]}
    logs.update_anomaly(**said, suppressionType="LIMITED", suppressionPeriod={"value": 10, "suppressionUnit": "MINUTES"})
    (told,) = found("ERROR no disk 8", suppressionState="SUPPRESSED")
    assert (told["state"], told["isPatternLevelSuppression"], len(told["logSamples"])) == ("Suppressed", False, 1)
    assert told["suppressedUntil"] - told["suppressedDate"] == 600_000
    cloud.clock.advance(600)
    assert found(suppressionState="SUPPRESSED") == []
    logs.update_anomaly(anomalyDetectorArn=detector, patternId=told["patternId"], suppressionType="INFINITE")
    (told,) = found(suppressionState="SUPPRESSED")
    assert (told["suppressedUntil"], told["isPatternLevelSuppression"]) == (0, True)
    logs.update_anomaly(**said, baseline=True)
    (told,) = found("ERROR no disk 9")
    assert (told["state"], told["suppressed"], len(told["logSamples"])) == ("Baseline", False, 1)
    with refused("InvalidParameterException", "Exactly one"):
        logs.update_anomaly(anomalyDetectorArn=detector)
    with refused("InvalidParameterException", "suppressionPeriod"):
        logs.update_anomaly(**said, suppressionType="LIMITED")
    with refused("ResourceNotFoundException", "anomaly"):
        logs.update_anomaly(anomalyDetectorArn=detector, anomalyId="0" * 36)


def test_a_detector_that_is_paused_does_not_look(logs: Any, detector: str, found: Any) -> None:
    logs.update_log_anomaly_detector(anomalyDetectorArn=detector, enabled=False)
    assert found("ERROR no disk 7") == []
    logs.update_log_anomaly_detector(anomalyDetectorArn=detector, enabled=True)
    assert len(found()) == 1

"""Key policies that are none: refused as they come, whatever is wrong with them, and never kept to be overlooked later."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.kms.asking import new_key, refused

ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}


@pytest.mark.parametrize("change", [
    {"Principal": ["*"]}, {"Principal": {"AWS": 5}}, {"Principal": {"AWS": [5]}}, {"Principal": None}, {"Action": 5},
    {"Action": [["kms:*"]]}, {"Action": None}, {"Resource": [{}]}, {"NotPrincipal": ["*"]}, {"Condition": 5},
    {"Condition": {"StringEquals": 5}}, {"Condition": {"StringEquals": {"aws:userid": {}}}},
    {"Condition": {"StringResembles": {"aws:userid": "a"}}}, {"Effect": []}, {"Sid": []}])
def test_statements_that_are_none(cloud: Cloud, change: dict[str, Any]) -> None:
    kms = cloud.client("kms")
    text = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW, ALLOW | change]})
    key = new_key(kms)["KeyId"]
    before = kms.get_key_policy(KeyId=key)["Policy"]
    for ask in (lambda: refused(kms.put_key_policy, KeyId=key, Policy=text), lambda: refused(kms.create_key, Policy=text)):
        assert ask()[0] == "MalformedPolicyDocumentException"
    assert kms.get_key_policy(KeyId=key)["Policy"] == before


@pytest.mark.parametrize("text", ["[" * 20_000, '{"Statement":' * 2_000 + "1" + "}" * 2_000, "5", "null", '{"Statement": "x"}'])
def test_documents_that_are_none(cloud: Cloud, text: str) -> None:
    assert refused(cloud.client("kms").create_key, Policy=text)[0] == "MalformedPolicyDocumentException"

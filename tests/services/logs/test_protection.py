"""Data protection: what is sensitive is hidden from whoever does not ask to see it."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

MANAGED = "arn:aws:dataprotection::aws:data-identifier/"


def policy(*names: str, **further: Any) -> str:
    said = [MANAGED + name if name[0].isupper() else name for name in names]
    return json.dumps({"Name": "p", "Version": "2021-06-01", "Statement": [
        {"Sid": "audit", "DataIdentifier": said, "Operation": {"Audit": {"FindingsDestination": {}}}},
        {"Sid": "hide", "DataIdentifier": said, "Operation": {"Deidentify": {"MaskConfig": {}}}}], **further})


def read(logs: Any, group: str, **members: Any) -> list[str]:
    told = logs.get_log_events(logGroupName=group, logStreamName="one", startFromHead=True, **members)
    return [event["message"] for event in told["events"]]


def test_what_a_policy_calls_sensitive_is_hidden_from_then_on(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    put(["before a@b.org"])
    cloud.clock.advance(1)
    told = logs.put_data_protection_policy(logGroupIdentifier=group, policyDocument=policy("EmailAddress"))
    assert (told["logGroupIdentifier"], json.loads(told["policyDocument"])["Name"]) == (group, "p")
    assert logs.describe_log_groups()["logGroups"][0]["dataProtectionStatus"] == "ACTIVATED"
    put(['{"mail": "ann@example.com", "n": 1}'], at=-30)
    hidden, plain = '{"mail": "***************", "n": 1}', '{"mail": "ann@example.com", "n": 1}'
    assert read(logs, group) == ["before a@b.org", hidden]
    assert read(logs, group, unmask=True)[1] == plain
    assert [e["message"] for e in logs.filter_log_events(logGroupName=group, filterPattern="{ $.n = 1 }")["events"]] == [hidden]
    assert logs.filter_log_events(logGroupName=group, filterPattern="{ $.n = 1 }", unmask=True)["events"][0]["message"] == plain
    now = int(cloud.clock.now())
    query = logs.start_query(logGroupName=group, startTime=now - 600, endTime=now,
                             queryString="fields mail | filter n = 1")["queryId"]
    cloud.clock.idle()
    row = {f["field"]: f["value"] for f in logs.get_query_results(queryId=query)["results"][0]}
    assert row["mail"] == "*" * 15
    assert logs.get_log_record(logRecordPointer=row["@ptr"])["logRecord"]["@message"] == hidden
    assert logs.get_log_record(logRecordPointer=row["@ptr"], unmask=True)["logRecord"]["mail"] == "ann@example.com"
    logs.delete_data_protection_policy(logGroupIdentifier=group)
    assert read(logs, group)[1] == plain
    assert "policyDocument" not in logs.get_data_protection_policy(logGroupIdentifier=group)
    with refused("ResourceNotFoundException"):
        logs.delete_data_protection_policy(logGroupIdentifier=group)


@pytest.mark.parametrize(("name", "message", "shown"), [
    ("IpAddress", "from 10.0.0.1 and 999.1.1.1", "from ******** and 999.1.1.1"),
    ("CreditCardNumber", "pay 4111 1111 1111 1111 not 4111 1111 1111 1112", "pay ******************* not 4111 1111 1111 1112"),
    ("Ssn-US", "ssn 123-45-6789, 000-12-3456", "ssn ***********, 000-12-3456"),
    ("PhoneNumber-US", "call (206) 555-0100 now", "call ************** now"),
    ("AwsSecretKey", "key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.", "key ****************************************."),
    ("order", "order O-123 of x", "order ***** of x")])
def test_each_identifier_hides_what_it_names(logs: Any, group: str, put: Any, name: str, message: str, shown: str) -> None:
    logs.put_data_protection_policy(logGroupIdentifier=group, policyDocument=policy(
        name, Configuration={"CustomDataIdentifier": [{"Name": "order", "Regex": r"O-\d+"}]}))
    put([message])
    assert read(logs, group) == [shown]


def test_the_accounts_policy_hides_in_all_groups(logs: Any, group: str, put: Any) -> None:
    said = {"policyName": "all", "policyType": "DATA_PROTECTION_POLICY"}
    logs.put_account_policy(**said, policyDocument=policy("EmailAddress"))
    assert logs.describe_log_groups()["logGroups"][0]["inheritedProperties"] == ["ACCOUNT_DATA_PROTECTION"]
    put(["to a@b.org"])
    assert read(logs, group) == ["to *******"]
    logs.delete_account_policy(**said)
    assert read(logs, group) == ["to a@b.org"]


def test_seeing_what_is_hidden_is_a_permission(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    logs.put_data_protection_policy(logGroupIdentifier=group, policyDocument=policy("EmailAddress"))
    put(["to a@b.org"])
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": "*"}]}
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps(allowed))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = cloud.client("logs", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    said = json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{cloud.endpoint}/_cumulet/iam", said), timeout=10).close()
    assert read(ann, group) == ["to *******"]
    with refused("AccessDeniedException", "logs:Unmask"):
        read(ann, group, unmask=True)


def test_what_is_no_policy_is_refused(logs: Any, group: str) -> None:
    for document, why in (("x", "not JSON"), ('{"Statement": []}', "two statements"),
                          (policy("EmailAddress").replace('"MaskConfig": {}', '"MaskConfig": {"a": 1}'), "empty MaskConfig"),
                          (policy("nothing"), "no data identifier")):
        with refused("InvalidParameterException", why):
            logs.put_data_protection_policy(logGroupIdentifier=group, policyDocument=document)
    with refused("NotImplemented", "Name"):
        logs.put_data_protection_policy(logGroupIdentifier=group, policyDocument=policy("Name"))

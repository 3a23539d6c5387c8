"""Grants as they are made, listed and refused. (What they permit: test_access.)"""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.kms.asking import code, new_key, refused


def root(cloud: Cloud) -> str:
    return f"arn:aws:iam::{cloud.account}:root"


def test_the_same_grant_of_one_name_is_made_once(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    members = {"KeyId": key, "GranteePrincipal": root(cloud), "Operations": ["Encrypt"], "Name": "n"}
    one, again = kms.create_grant(**members), kms.create_grant(**members)
    assert one["GrantId"] == again["GrantId"]
    assert one["GrantToken"] != again["GrantToken"]
    other = kms.create_grant(**members | {"Operations": ["Decrypt"]})
    unnamed = [kms.create_grant(**{k: v for k, v in members.items() if k != "Name"})["GrantId"] for _ in range(2)]
    assert len({one["GrantId"], other["GrantId"], *unnamed}) == 4
    kms.retire_grant(GrantToken=one["GrantToken"])       # each token of a grant means it
    assert code(kms.retire_grant, GrantToken=again["GrantToken"]) == "NotFoundException"


def test_grants_are_listed_in_pages_and_by_what_they_are(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    iam = cloud.client("iam")
    ann = iam.create_user(UserName="ann")["User"]["Arn"]
    made = [kms.create_grant(KeyId=key, GranteePrincipal=ann if n % 2 else root(cloud), Operations=["Encrypt"],
                             RetiringPrincipal=ann)["GrantId"] for n in range(7)]
    pages = list(kms.get_paginator("list_grants").paginate(KeyId=key, PaginationConfig={"PageSize": 3}))
    assert [len(p["Grants"]) for p in pages] == [3, 3, 1]
    assert sorted(g["GrantId"] for p in pages for g in p["Grants"]) == sorted(made)
    hers = kms.list_grants(KeyId=key, GranteePrincipal=ann, Limit=2)
    more = kms.list_grants(KeyId=key, GranteePrincipal=ann, Marker=hers["NextMarker"])
    assert (hers["Truncated"], more["Truncated"], len(more["Grants"])) == (True, False, 1)
    [one] = kms.list_grants(KeyId=key, GrantId=made[0])["Grants"]
    assert one["RetiringPrincipal"] == ann
    assert kms.list_grants(KeyId=key, GrantId=made[0], GranteePrincipal=ann)["Grants"] == []       # it is the account's
    assert kms.list_grants(KeyId=key, GrantId="0" * 64)["Grants"] == []
    retirable = kms.get_paginator("list_retirable_grants").paginate(RetiringPrincipal=ann, PaginationConfig={"PageSize": 4})
    assert sorted(g["GrantId"] for p in retirable for g in p["Grants"]) == sorted(made)
    assert code(kms.list_retirable_grants) == "ValidationException"


def test_the_retiring_principal_finds_grants_of_other_accounts(cloud: Cloud) -> None:
    kms, other = cloud.client("kms"), cloud.other()
    key = new_key(kms)
    made = kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=root(other), RetiringPrincipal=root(other),
                            Operations=["Decrypt"])
    [found] = other.client("kms").list_retirable_grants(RetiringPrincipal=root(other))["Grants"]
    assert (found["GrantId"], found["KeyId"]) == (made["GrantId"], key["Arn"])
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    cloud.clock.advance(8 * 86_400)
    assert other.client("kms").list_retirable_grants(RetiringPrincipal=root(other))["Grants"] == []


@pytest.mark.parametrize(("spec", "usage", "members", "error"), [
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"Operations": ["Sign"]}, "ValidationException"),
    ("ECC_NIST_P256", "SIGN_VERIFY", {"Operations": ["GenerateDataKey"]}, "ValidationException"),
    ("ECC_NIST_P256", "SIGN_VERIFY", {"Operations": ["Sign"], "Constraints": {"EncryptionContextEquals": {"a": "b"}}},
     "ValidationException"),
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"Operations": ["Encrypt"], "Constraints": {
        "EncryptionContextSubset": {str(n): "x" for n in range(9)}}}, "ValidationException"),
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"Operations": ["Encrypt"], "GranteePrincipal": None}, "ValidationException"),
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"Operations": ["Encrypt"], "GranteePrincipal": "ann"}, "InvalidArnException"),
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"Operations": ["Encrypt"], "GrantTokens": ["x"]}, "InvalidGrantTokenException"),
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"Operations": ["Encrypt"], "GranteePrincipal": None,
                                              "GranteeServicePrincipal": "sns.amazonaws.com"}, "ValidationException"),
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", {"Operations": ["Encrypt"], "DryRun": True}, "DryRunOperationException"),
])
def test_grants_that_cannot_be(cloud: Cloud, spec: str, usage: str, members: dict[str, Any], error: str) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, KeySpec=spec, KeyUsage=usage)["KeyId"]
    said = {"KeyId": key, "GranteePrincipal": root(cloud)} | members
    assert code(kms.create_grant, **{k: v for k, v in said.items() if v is not None}) == error
    assert kms.list_grants(KeyId=key)["Grants"] == []


def test_a_principal_must_exist_and_a_service_says_for_what(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    assert refused(kms.create_grant, KeyId=key, Operations=["Encrypt"], GranteePrincipal=root(cloud)[:-4] + "user/nobody") == (
        "InvalidArnException", "ARN does not refer to a valid principal")
    source = f"arn:aws:sns:us-east-1:{cloud.account}:topic"
    made = kms.create_grant(KeyId=key, Operations=["Decrypt"], GranteeServicePrincipal="sns.amazonaws.com",
                            RetiringServicePrincipal="sns.amazonaws.com", Constraints={"SourceArn": source})
    [listed] = kms.list_grants(KeyId=key, GranteeServicePrincipal="sns.amazonaws.com")["Grants"]
    assert (listed["GrantId"], listed["Constraints"]) == (made["GrantId"], {"SourceArn": source})
    assert code(kms.revoke_grant, KeyId=key, GrantId=made["GrantId"], DryRun=True) == "DryRunOperationException"
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    assert kms.list_grants(KeyId=key)["Grants"] == []


def test_a_rare_grantee_is_found_among_many(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    rare = cloud.client("iam").create_user(UserName="rare")["User"]["Arn"]
    for n in range(30):
        kms.create_grant(KeyId=key, GranteePrincipal=rare if n in (3, 17, 29) else root(cloud), Operations=["Encrypt"])
    pages = list(kms.get_paginator("list_grants").paginate(KeyId=key, GranteePrincipal=rare, PaginationConfig={"PageSize": 2}))
    assert [len(p["Grants"]) for p in pages] == [2, 1]
    assert {g["GranteePrincipal"] for p in pages for g in p["Grants"]} == {rare}

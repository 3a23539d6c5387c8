"""A key with many grants: a decision reads those of its caller, and few of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel import Call
from cumulet.kernel.access.contract import Principal, root_of
from cumulet.services.kms import granted
from cumulet.services.kms.resources import Grant, Key
from enforced import refused, session, user
from services.kms.asking import new_key

MANY = 1000


def role(cloud: Cloud, n: int) -> str:
    return f"arn:aws:iam::{cloud.account}:role/r{n}"


def fill(cloud: Cloud, key: str, **fields: Any) -> None:
    """A thousand grants to as many roles, or to one principal."""
    def work(tx: Any) -> None:
        call = Call(cloud.kernel, tx, "kms", "CreateGrant", cloud.account, "us-east-1", root_of(cloud.account), 0.0)
        for n in range(MANY):
            said = {"grantee": role(cloud, n), "subset": {"n": str(n)}, "operations": ["Encrypt"], **fields}
            call.put(Grant(key=key, id=f"{n:064}", created=0.0, issuer=cloud.account, **said))
        call.table(Key).change(key, grants=MANY)

    cloud.thread.call(cloud.kernel.store.run(work))


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The grants that decisions look at."""
    seen: list[str] = []
    was = granted._could

    def could(grant: Grant, *rest: Any) -> bool:
        seen.append(grant.id)
        return was(grant, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(granted, "_could", could)
        yield seen


def test_a_decision_reads_the_grants_of_its_caller_alone(strict: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    kms = strict.client("kms")
    key = new_key(kms)["KeyId"]
    fill(strict, key)
    ann = user(strict, "ann")
    kms.create_grant(KeyId=key, GranteePrincipal=f"arn:aws:iam::{strict.account}:user/ann", Operations=["Encrypt"])
    with counted(monkeypatch) as seen:
        strict.client("kms", **ann).encrypt(KeyId=key, Plaintext=b"x")
        assert len(seen) == 1
        seen.clear()
        refused(strict.client("kms", **ann).generate_data_key, KeyId=key, KeySpec="AES_256")
        assert len(seen) == 1
    assert len(kms.list_grants(KeyId=key, Limit=100)["Grants"]) == 100


def test_of_many_grants_to_one_the_first_that_permits_is_enough(strict: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    kms = strict.client("kms")
    key = new_key(kms)["KeyId"]
    keys = session(strict, "app")
    app = strict.client("kms", **keys)
    fill(strict, key, grantee=f"arn:aws:iam::{strict.account}:role/app", subset=None)
    with counted(monkeypatch) as seen:
        app.encrypt(KeyId=key, Plaintext=b"x")
        assert len(seen) == 1


def test_the_one_grant_with_the_right_context_is_found_among_many(strict: Cloud) -> None:
    kms = strict.client("kms")
    key = new_key(kms)["KeyId"]
    keys = session(strict, "app")
    app = strict.client("kms", **keys)
    fill(strict, key, grantee=f"arn:aws:iam::{strict.account}:role/app")
    app.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"n": "777", "more": "yes"})
    refused(app.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"n": "1001"})
    refused(app.encrypt, KeyId=key, Plaintext=b"x")


def test_grants_to_the_account_and_to_a_service_count(strict: Cloud) -> None:
    kms = strict.client("kms")
    key = new_key(kms)["KeyId"]
    kms.create_grant(KeyId=key, GranteePrincipal=f"arn:aws:iam::{strict.account}:root", Operations=["Encrypt"])
    kms.create_grant(KeyId=key, GranteeServicePrincipal="sns.amazonaws.com", Operations=["Decrypt"],
                     RetiringPrincipal=f"arn:aws:iam::{strict.account}:root",
                     Constraints={"SourceArn": f"arn:aws:sns:us-east-1:{strict.account}:t"})

    def names(tx: Any) -> list[list[str]]:
        call = Call(strict.kernel, tx, "kms", "Encrypt", strict.account, "us-east-1", root_of(strict.account), 0.0)
        user_arn = f"arn:aws:iam::{strict.account}:user/x"
        one = Principal("user", strict.account, user_arn, "AIDAX", user_arn)
        sns = Principal("service", strict.account, "sns.amazonaws.com", "sns.amazonaws.com", "sns.amazonaws.com")
        return [[o for g in granted.relevant(call, key, who, "kms:" + op, {}) for o in g.operations]
                for who, op in ((one, "Encrypt"), (one, "Decrypt"), (sns, "Decrypt"), (sns, "Encrypt"))]

    assert strict.thread.call(strict.kernel.store.run(names)) == [["Encrypt"], [], ["Decrypt"], []]


def test_a_named_grant_is_found_again_among_many(strict: Cloud) -> None:
    kms = strict.client("kms")
    key = new_key(kms)["KeyId"]
    fill(strict, key)
    members = {"KeyId": key, "GranteePrincipal": strict.account, "Operations": ["Encrypt"], "Name": "one"}
    assert kms.create_grant(**members)["GrantId"] == kms.create_grant(**members)["GrantId"]

"""Long work of the processor: others are answered meanwhile, and the operation that needs it runs anew with what was made."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel.access import passwords
from cumulet.services.kms import pairs


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Key pairs are made once the test lets them."""
    go, begun, make = threading.Event(), threading.Event(), pairs.generate

    def slow(spec: Any) -> bytes:
        begun.set()
        assert go.wait(20)
        return make(spec)

    monkeypatch.setattr(pairs, "generate", slow)
    return go, begun


def test_others_are_answered_while_a_key_is_made(cloud: Cloud, held: Any) -> None:
    go, begun = held
    kms, sts = cloud.client("kms"), cloud.client("sts")
    with ThreadPoolExecutor(2) as pool:
        made = pool.submit(kms.create_key, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        assert begun.wait(20)
        for _ in range(5):
            assert sts.get_caller_identity()["Account"] == cloud.account
        assert not made.done()
        go.set()
        key = made.result(20)["KeyMetadata"]
    assert kms.list_keys()["Keys"] == [{"KeyId": key["KeyId"], "KeyArn": key["Arn"]}]       # it ran twice, and made one
    assert kms.get_public_key(KeyId=key["KeyId"])["KeySpec"] == "RSA_2048"


def test_many_at_once_get_each_their_own(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]

    def pair(_: int) -> bytes:
        return bytes(kms.generate_data_key_pair(KeyId=key, KeyPairSpec="RSA_2048")["PrivateKeyPlaintext"])

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(pair, range(8)))) == 8


def test_what_fails_is_told(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(spec: Any) -> bytes:
        raise RuntimeError("no randomness")

    monkeypatch.setattr(pairs, "generate", broken)
    kms = cloud.client("kms")
    with pytest.raises(kms.exceptions.ClientError, match="InternalFailure"):
        kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    assert kms.list_keys()["Keys"] == []


def test_passwords_are_hashed_aside(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []
    was = passwords.hashed

    def hashed(password: str, salt: str) -> bytes:
        threads.append(threading.current_thread() is cloud.thread._thread)
        return was(password, salt)

    monkeypatch.setattr(passwords, "hashed", hashed)
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="first-Password-1")
    iam.update_login_profile(UserName="ann", Password="second-Password-2")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = cloud.client("iam", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    ann.change_password(OldPassword="second-Password-2", NewPassword="third-Password-3")
    with pytest.raises(iam.exceptions.ClientError, match="old password"):
        ann.change_password(OldPassword="second-Password-2", NewPassword="fourth-Password-4")
    assert threads == [False] * 6

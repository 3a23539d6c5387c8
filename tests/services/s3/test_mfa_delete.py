"""MFA delete: versions go, and versioning changes, only with a code of the caller's device."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from cumulet.kernel.access.totp import code
from enforced import user
from services.s3.refusals import refused


class Device:
    """An authenticator: each code is another one."""

    def __init__(self, iam: Any, owner: str) -> None:
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=f"phone-{owner}")["VirtualMFADevice"]
        self.serial, self.seed = made["SerialNumber"], base64.b32decode(made["Base32StringSeed"])
        self.step = int(time.time()) // 30 - 2
        first, second = self.next(), self.next()
        iam.enable_mfa_device(UserName=owner, SerialNumber=self.serial, AuthenticationCode1=first, AuthenticationCode2=second)

    def next(self) -> str:
        self.step += 1
        return code(self.seed, self.step)

    @property
    def header(self) -> str:
        return f"{self.serial} {self.next()}"


@pytest.fixture
def phone(cloud: Any) -> Device:
    return Device(cloud.client("iam"), "root")


def switch(s3: Any, header: str | None = None, factor: str = "Enabled", status: str = "Enabled") -> None:
    more = {} if header is None else {"MFA": header}
    s3.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration={"Status": status, "MFADelete": factor}, **more)


def test_the_root_has_a_device(cloud: Any, phone: Device) -> None:
    iam = cloud.client("iam")
    assert [one["SerialNumber"] for one in iam.list_mfa_devices()["MFADevices"]] == [phone.serial]
    told = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"][0]["User"]
    assert (told["UserId"], told["Arn"]) == (cloud.account, f"arn:aws:iam::{cloud.account}:root")
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
    assert iam.get_mfa_device(SerialNumber=phone.serial)["UserName"] == "root"
    iam.deactivate_mfa_device(UserName="root", SerialNumber=phone.serial)
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0


def test_only_the_root_with_a_code_switches_it(s3: Any, cloud: Any, phone: Device) -> None:
    denied = ("AccessDenied", 403)
    assert refused(switch, s3=s3) == denied
    assert refused(switch, s3=s3, header=f"{phone.serial} 000000") == denied
    ann = cloud.client("s3", **user(cloud, "ann"))
    ann.bucket = s3.bucket
    theirs = Device(cloud.client("iam"), "ann")
    assert refused(switch, s3=ann, header=theirs.header) == denied
    switch(s3, phone.header)
    told = s3.get_bucket_versioning(Bucket=s3.bucket)
    assert (told["Status"], told["MFADelete"]) == ("Enabled", "Enabled")
    assert refused(s3.put_bucket_versioning, Bucket=s3.bucket, VersioningConfiguration={"Status": "Suspended"}) == denied
    s3.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration={"Status": "Suspended"}, MFA=phone.header)
    assert s3.get_bucket_versioning(Bucket=s3.bucket)["MFADelete"] == "Enabled"
    assert refused(switch, s3=s3, factor="Disabled") == denied
    switch(s3, phone.header, "Disabled")
    assert s3.get_bucket_versioning(Bucket=s3.bucket)["MFADelete"] == "Disabled"
    s3.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled"})


def test_versions_go_only_with_a_code(s3: Any, phone: Device) -> None:
    switch(s3, phone.header)
    version = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")["VersionId"]
    other = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"y")["VersionId"]
    marker = s3.delete_object(Bucket=s3.bucket, Key="k")["VersionId"]
    for name in (version, marker):
        assert refused(s3.delete_object, Bucket=s3.bucket, Key="k", VersionId=name) == ("AccessDenied", 403)
    header = phone.header
    s3.delete_object(Bucket=s3.bucket, Key="k", VersionId=version, MFA=header)
    assert refused(s3.delete_object, Bucket=s3.bucket, Key="k", VersionId=other, MFA=header) == ("AccessDenied", 403)
    rest = {"Objects": [{"Key": "k", "VersionId": other}, {"Key": "k", "VersionId": marker}]}
    assert refused(s3.delete_objects, Bucket=s3.bucket, Delete=rest) == ("AccessDenied", 403)
    s3.delete_objects(Bucket=s3.bucket, Delete=rest, MFA=phone.header)
    assert "Versions" not in s3.list_object_versions(Bucket=s3.bucket)


def test_lifecycles_and_mfa_delete_exclude_each_other(s3: Any, phone: Device) -> None:
    rules = {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]}
    s3.put_bucket_lifecycle_configuration(Bucket=s3.bucket, LifecycleConfiguration=rules)
    assert refused(switch, s3=s3, header=f"{phone.serial} 000000") == ("InvalidBucketState", 409)
    s3.delete_bucket_lifecycle(Bucket=s3.bucket)
    switch(s3, phone.header)
    assert refused(s3.put_bucket_lifecycle_configuration, Bucket=s3.bucket, LifecycleConfiguration=rules) == (
        "InvalidBucketState", 409)

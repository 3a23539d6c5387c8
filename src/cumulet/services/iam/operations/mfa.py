"""Virtual MFA devices: made with a seed, enabled by two codes, asked at sign-in and by STS."""

from __future__ import annotations

import base64
import io
from typing import Any, NamedTuple
from urllib.parse import quote

from cumulet.kernel import Call, Page, error, operation, principals

from .. import shown
from ..entities import caller, tag_page, tagged, untagged
from ..resources import AccountAlias, User, VirtualMFADevice

Tags = list[dict[str, str]]
_MOST = 8
ROOT = "root"
_HEX = "0123456789abcdef"


def _picture(call: Call, name: str, seed: str) -> bytes:
    """The seed as authenticators scan it: a QR code."""
    import segno

    alias = call.table(AccountAlias).find("account", call.account)
    account = alias.name if alias else call.account
    out = io.BytesIO()
    segno.make(f"otpauth://totp/{quote(name)}@{account}?secret={seed}", error="m", micro=False).save(out, kind="png", scale=4)
    return out.getvalue()


class _Owner(NamedTuple):
    """Whose a device is. id: of the root the account."""

    id: str
    name: str


def _owner(call: Call, name: str | None) -> _Owner:
    """The user of this name, else the caller. The root, which is no user, calls itself `root`."""
    if call.principal.kind == "root" and name in (None, ROOT) and call.table(User).get(ROOT) is None:
        return _Owner(call.account, ROOT)
    user = caller(call, name)
    assert user is not None
    return _Owner(user.UserId, user.UserName)


def _owner_of(call: Call, device: VirtualMFADevice) -> _Owner | None:
    """Whom a device was enabled for."""
    if device.user == call.account:
        return _Owner(call.account, ROOT)
    user = call.table(User).find("id", device.user) if device.user else None
    return _Owner(user.UserId, user.UserName) if user is not None else None


def _assigned(call: Call, owner: _Owner, serial: str) -> VirtualMFADevice:
    device = call.table(VirtualMFADevice).get(serial)
    if device is None or device.user != owner.id:
        raise error.NoSuchEntityException("MFA Device invalid for user.")
    return device


def _refuse_codes() -> Exception:
    return error.InvalidAuthenticationCodeException("Authentication code for device is not valid.")


@operation(name="CreateVirtualMFADevice")
def create_virtual_mfa_device(call: Call, VirtualMFADeviceName: str, Path: str = "/", Tags: Tags = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateVirtualMFADevice.html"""
    row = VirtualMFADevice(SerialNumber="", VirtualMfaDeviceName=VirtualMFADeviceName, Path=Path, tags=tagged(None, Tags),
                           created=call.now)
    row.SerialNumber = call.arn(row)
    if call.table(VirtualMFADevice).get(row.SerialNumber) is not None:
        raise error.EntityAlreadyExistsException("MFADevice entity at the same path and name already exists.")
    seed = bytes.fromhex(call.token(2 * principals.totp.SEED_BYTES, _HEX))
    row.seed = principals.totp.seal(call, row.SerialNumber, seed)
    call.put(row)
    text = base64.b32encode(seed).decode()
    return {"VirtualMFADevice": {
        "SerialNumber": row.SerialNumber, "Base32StringSeed": text.encode(),
        "QRCodePNG": _picture(call, VirtualMFADeviceName, text), "Tags": Tags or None}}


@operation(name="EnableMFADevice")
def enable_mfa_device(call: Call, UserName: str, SerialNumber: str, AuthenticationCode1: str,
                      AuthenticationCode2: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html"""
    owner, device = _owner(call, UserName), call.get(VirtualMFADevice, SerialNumber)
    if device.user is not None:
        raise error.EntityAlreadyExistsException("MFA Device is already in use.")
    if call.table(VirtualMFADevice).count(owner.id, index="user") >= _MOST:
        raise error.LimitExceededException(f"Cannot exceed quota for MFADevicesPerUser: {_MOST}")
    if not principals.totp.synchronise(call, device, AuthenticationCode1, AuthenticationCode2):
        raise _refuse_codes()
    device.user, device.enabled = owner.id, call.now
    call.put(device)


@operation(name="ResyncMFADevice")
def resync_mfa_device(call: Call, UserName: str, SerialNumber: str, AuthenticationCode1: str,
                      AuthenticationCode2: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResyncMFADevice.html"""
    device = _assigned(call, _owner(call, UserName), SerialNumber)
    if not principals.totp.synchronise(call, device, AuthenticationCode1, AuthenticationCode2, again=True):
        raise _refuse_codes()
    call.put(device)


@operation(name="DeactivateMFADevice")
def deactivate_mfa_device(call: Call, SerialNumber: str, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html"""
    device = _assigned(call, _owner(call, UserName), SerialNumber)
    device.user, device.enabled = None, 0.0
    call.put(device)


@operation(name="DeleteVirtualMFADevice")
def delete_virtual_mfa_device(call: Call, SerialNumber: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html"""
    if call.get(VirtualMFADevice, SerialNumber).user is not None:
        raise error.DeleteConflictException("MFA VirtualDevice in use. Must deactivate first.")
    call.table(VirtualMFADevice).delete(SerialNumber)


@operation(name="GetMFADevice")
def get_mfa_device(call: Call, SerialNumber: str, UserName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html"""
    device = call.get(VirtualMFADevice, SerialNumber)
    owner = _owner_of(call, device)
    # Without a name a user asks for its own: that is what the decision was about.
    mine = call.principal.kind == "user" and UserName is None
    wanted = call.principal.subject.rpartition("/")[2] if mine else UserName
    if owner is None or wanted not in (None, owner.name):
        raise error.NoSuchEntityException("MFA Device invalid for user.")
    return {"UserName": owner.name, "SerialNumber": SerialNumber, "EnableDate": device.enabled}


@operation(name="ListMFADevices")
def list_mfa_devices(call: Call, UserName: str | None = None, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html"""
    owner = _owner(call, UserName)
    rows = call.table(VirtualMFADevice).scan(owner.id, index="user", after=page.after, limit=page.limit + 1)
    return {"MFADevices": [{"UserName": owner.name, "SerialNumber": row.SerialNumber, "EnableDate": row.enabled}
                           for row in page.cut(rows, lambda row: row.SerialNumber)]}


@operation(name="ListVirtualMFADevices")
def list_virtual_mfa_devices(call: Call, AssignmentStatus: str = "Any", page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html"""
    rows = [row for row in call.table(VirtualMFADevice).scan(after=page.after)
            if AssignmentStatus == "Any" or (row.user is not None) == (AssignmentStatus == "Assigned")]
    return {"VirtualMFADevices": [
        {"SerialNumber": row.SerialNumber, "User": _holder(call, row), "EnableDate": row.enabled or None}
        for row in page.cut(rows, lambda row: row.SerialNumber)]}


def _holder(call: Call, device: VirtualMFADevice) -> dict[str, Any] | None:
    if device.user == call.account:
        return {"UserId": call.account, "Arn": f"arn:aws:iam::{call.account}:root"}
    user = call.table(User).find("id", device.user) if device.user else None
    return shown.user(call, user, False) if user else None


@operation(name="TagMFADevice")
def tag_mfa_device(call: Call, SerialNumber: str, Tags: Tags) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagMFADevice.html"""
    row = call.get(VirtualMFADevice, SerialNumber)
    call.table(VirtualMFADevice).change(SerialNumber, tags=tagged(row, Tags))


@operation(name="UntagMFADevice")
def untag_mfa_device(call: Call, SerialNumber: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagMFADevice.html"""
    row = call.get(VirtualMFADevice, SerialNumber)
    call.table(VirtualMFADevice).change(SerialNumber, tags=untagged(row, TagKeys))


@operation(name="ListMFADeviceTags")
def list_mfa_device_tags(call: Call, SerialNumber: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADeviceTags.html"""
    return tag_page(call.get(VirtualMFADevice, SerialNumber), page)

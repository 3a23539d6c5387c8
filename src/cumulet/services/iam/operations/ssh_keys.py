"""SSH public keys of users."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import certificates
from ..entities import caller, owner_id, unique_id
from ..resources import SshPublicKey, User

_MOST = 5


def _owned(call: Call, name: str, known_as: str) -> SshPublicKey:
    row = call.table(SshPublicKey).get(call.get(User, name).UserId, known_as)
    if row is None:
        raise error.NoSuchEntityException(f"The Public Key with id {known_as} cannot be found.")
    return row


def _metadata(user: str, row: SshPublicKey) -> dict[str, Any]:
    return {"UserName": user, "SSHPublicKeyId": row.id, "Status": "Active" if row.active else "Inactive",
            "UploadDate": row.uploaded}


@operation(name="UploadSSHPublicKey")
def upload_ssh_public_key(call: Call, UserName: str, SSHPublicKeyBody: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html"""
    user = call.get(User, UserName)
    key = certificates.ssh_key(SSHPublicKeyBody)
    table = call.table(SshPublicKey)
    if any(row.fingerprint == key.fingerprint for row in table.scan(user.UserId)):
        raise error.DuplicateSSHPublicKeyException("The SSH public key is already associated with the specified IAM user.")
    if table.count(user.UserId) >= _MOST:
        raise error.LimitExceededException(f"Cannot exceed quota for SSHPublicKeysPerUser: {_MOST}")
    row = call.put(SshPublicKey(user=user.UserId, id=unique_id(call, "APKA"), ssh=key.ssh, pem=key.pem,
                                fingerprint=key.fingerprint, uploaded=call.now))
    return {"SSHPublicKey": _metadata(UserName, row) | {"Fingerprint": row.fingerprint, "SSHPublicKeyBody": SSHPublicKeyBody}}


@operation(name="GetSSHPublicKey")
def get_ssh_public_key(call: Call, UserName: str, SSHPublicKeyId: str, Encoding: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetSSHPublicKey.html"""
    row = _owned(call, UserName, SSHPublicKeyId)
    return {"SSHPublicKey": _metadata(UserName, row) | {
        "Fingerprint": row.fingerprint, "SSHPublicKeyBody": row.ssh if Encoding == "SSH" else row.pem}}


@operation(name="ListSSHPublicKeys")
def list_ssh_public_keys(call: Call, UserName: str | None = None, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSSHPublicKeys.html"""
    user = caller(call, UserName)
    rows = call.table(SshPublicKey).scan(owner_id(user), after=page.after, limit=page.limit + 1)
    return {"SSHPublicKeys": [_metadata(user.UserName if user else "root", row) for row in page.cut(rows, lambda row: row.id)]}


@operation(name="UpdateSSHPublicKey")
def update_ssh_public_key(call: Call, UserName: str, SSHPublicKeyId: str, Status: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSSHPublicKey.html"""
    row = _owned(call, UserName, SSHPublicKeyId)
    if Status == "Expired":
        raise error.InvalidInputException("Status must be Active or Inactive.")
    row.active = Status == "Active"
    call.put(row)


@operation(name="DeleteSSHPublicKey")
def delete_ssh_public_key(call: Call, UserName: str, SSHPublicKeyId: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSSHPublicKey.html"""
    row = _owned(call, UserName, SSHPublicKeyId)
    call.table(SshPublicKey).delete(row.user, row.id)

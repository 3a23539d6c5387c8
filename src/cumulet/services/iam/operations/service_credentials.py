"""Service-specific credentials: a name and a password (Git, Cassandra), or an API key with an end (Bedrock, logs)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from cumulet.kernel import Call, error, operation

from ..apikeys import API_KEYS
from ..entities import caller, more, page_of, unique_id
from ..resources import ServiceCredential, User

_MOST = 2
_DAY = 86400.0
_PASSWORDS = ("codecommit.amazonaws.com", "cassandra.amazonaws.com")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _check_service(name: str) -> None:
    if name not in _PASSWORDS and name not in API_KEYS:
        raise error.ServiceNotSupportedException(f"No such service {name} is supported for Service Specific Credentials")


def _owned(call: Call, name: str | None, known_as: str) -> tuple[User, ServiceCredential]:
    user = caller(call, name)
    row = call.table(ServiceCredential).get(user.UserId, known_as) if user else None
    if user is None or row is None:
        raise error.NoSuchEntityException(f"No such credential {known_as} exists")
    return user, row


def _status(call: Call, row: ServiceCredential) -> str:
    if row.expires is not None and row.expires <= call.now:
        return "Expired"
    return "Active" if row.active else "Inactive"


def _told(call: Call, user: User, row: ServiceCredential, secret: str = "") -> dict[str, Any]:
    """secret: only when it has just been made."""
    key = row.service in API_KEYS
    return {"CreateDate": row.created, "ServiceName": row.service, "ServiceSpecificCredentialId": row.id,
            "UserName": user.UserName, "Status": _status(call, row), "ExpirationDate": row.expires,
            "ServiceCredentialAlias" if key else "ServiceUserName": row.name,
            "ServiceCredentialSecret" if key else "ServicePassword": secret or None}


def _secret(call: Call, row: ServiceCredential) -> str:
    """A new secret; the row keeps its digest. An API key carries its name, as AWS's do, and so its account."""
    text = call.token(44, _LETTERS)
    if row.service in API_KEYS:
        text = API_KEYS[row.service][0] + base64.b64encode(f"{row.name}:{text}".encode()).decode()
    row.digest = sha256(text.encode()).digest()
    return text


def _name(call: Call, user: User, service: str, others: Sequence[ServiceCredential]) -> str:
    """The user's name at the account, with a number from the second on."""
    prefix = API_KEYS[service][1] if service in API_KEYS else user.UserName
    end = f"-at-{call.account}"
    if service in API_KEYS:
        return f"{prefix}-{call.token(4, 'abcdefghijklmnopqrstuvwxyz0123456789')}{end}"
    taken = {row.name for row in others}
    return next(name for n in range(len(taken) + 1) if (name := f"{prefix}+{n}{end}" if n else prefix + end) not in taken)


@operation
def create_service_specific_credential(call: Call, UserName: str, ServiceName: str,
                                       CredentialAgeDays: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html"""
    user = call.get(User, UserName)
    _check_service(ServiceName)
    if CredentialAgeDays is not None and ServiceName not in API_KEYS:
        raise error.InvalidInputException(f"CredentialAgeDays is not supported for {ServiceName}")
    others = [row for row in call.table(ServiceCredential).scan(user.UserId) if row.service == ServiceName]
    if len(others) >= _MOST:
        raise error.LimitExceededException(f"Cannot exceed quota for ServiceSpecificCredentialsPerUser: {_MOST}")
    row = ServiceCredential(user=user.UserId, id=unique_id(call, "ACCA"), service=ServiceName, digest=b"", created=call.now,
                            name=_name(call, user, ServiceName, others),
                            expires=call.now + CredentialAgeDays * _DAY if CredentialAgeDays else None)
    secret = _secret(call, row)
    return {"ServiceSpecificCredential": _told(call, user, call.put(row), secret)}


@operation
def list_service_specific_credentials(call: Call, UserName: str | None = None, ServiceName: str | None = None,
                                      AllUsers: bool = False, Marker: str | None = None,
                                      MaxItems: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html"""
    if ServiceName is not None:
        _check_service(ServiceName)
    if AllUsers and UserName is not None:
        raise error.InvalidInputException("AllUsers cannot be specified together with UserName.")
    page = page_of(Marker, MaxItems, str)
    user = None if AllUsers else caller(call, UserName)
    prefix = () if AllUsers else (user.UserId if user else "",)
    rows = [row for row in call.table(ServiceCredential).scan(*prefix)
            if ServiceName in (None, row.service) and (page.after is None or _place(row) > page.after)]
    told = []
    for row in page.cut(rows, _place):
        who = user or call.table(User).find("id", row.user)
        if who is not None:
            told.append(_told(call, who, row))
    return {"ServiceSpecificCredentials": told} | more(page)


def _place(row: ServiceCredential) -> str:
    """In the order of the table's key: no letter of an id comes before the slash."""
    return f"{row.user}/{row.id}"


@operation
def reset_service_specific_credential(call: Call, ServiceSpecificCredentialId: str,
                                      UserName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResetServiceSpecificCredential.html"""
    user, row = _owned(call, UserName, ServiceSpecificCredentialId)
    secret = _secret(call, row)
    return {"ServiceSpecificCredential": _told(call, user, call.put(row), secret)}


@operation
def update_service_specific_credential(call: Call, ServiceSpecificCredentialId: str, Status: str,
                                       UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServiceSpecificCredential.html"""
    _, row = _owned(call, UserName, ServiceSpecificCredentialId)
    if Status == "Expired" or _status(call, row) == "Expired":
        raise error.InvalidInputException("Status must be Active or Inactive, and an expired credential stays so.")
    row.active = Status == "Active"
    call.put(row)


@operation
def delete_service_specific_credential(call: Call, ServiceSpecificCredentialId: str, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceSpecificCredential.html"""
    _, row = _owned(call, UserName, ServiceSpecificCredentialId)
    call.table(ServiceCredential).delete(row.user, row.id)

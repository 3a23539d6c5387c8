"""The credential report: a line a user, in AWS's columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from cumulet.kernel import Call, principals

from .resources import AccessKey, SigningCertificate, User, VirtualMFADevice

FRESH = 4 * 3600.0                   # seconds in which a report is not made again
_KEY = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
COLUMNS = ("user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
           "password_next_rotation", "mfa_active", *(f"access_key_1_{one}" for one in _KEY),
           *(f"access_key_2_{one}" for one in _KEY), "cert_1_active", "cert_1_last_rotated", "cert_2_active",
           "cert_2_last_rotated")


def text(call: Call) -> str:
    """The whole report, as CSV."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="N/A", lineterminator="\n")
    writer.writeheader()
    writer.writerow(_root(call))
    for user in call.table(User).iterate():
        writer.writerow(_user(call, user))
    return out.getvalue()


def _root(call: Call) -> Mapping[str, str]:
    told = {"user": "<root_account>", "arn": f"arn:aws:iam::{call.account}:root", "user_creation_time": _date(0.0),
            "password_enabled": "not_supported", "password_last_used": "no_information",
            "password_last_changed": "not_supported", "password_next_rotation": "not_supported",
            "mfa_active": _has_device(call, call.account)}
    return told | _keys(call, "") | _certificates(call, "")


def _user(call: Call, user: User) -> Mapping[str, str]:
    profile = call.table(principals.passwords.LoginProfile).get(user.UserId)
    told = {"user": user.UserName, "arn": call.arn(user), "user_creation_time": _date(user.created),
            "password_enabled": _truth(profile is not None),
            "mfa_active": _has_device(call, user.UserId)}
    if profile is not None:
        end = principals.passwords.expires(principals.passwords.policy_of(call), profile)
        told |= {"password_last_used": _date(user.password_used) if user.password_used else "no_information",
                 "password_last_changed": _date(profile.changed)}
        if end is not None:
            told["password_next_rotation"] = _date(end)
    return told | _keys(call, user.UserId) | _certificates(call, user.UserId)


def _has_device(call: Call, owner: str) -> str:
    return _truth(bool(call.table(VirtualMFADevice).count(owner, index="user")))


def _keys(call: Call, owner: str) -> dict[str, str]:
    told = {"access_key_1_active": "false", "access_key_2_active": "false"}
    for number, key in enumerate(call.table(AccessKey).scan(owner, index="user"), 1):
        values = {"active": _truth(key.active), "last_rotated": _date(key.created)}
        if key.used_at:
            values |= {"last_used_date": _date(key.used_at), "last_used_region": key.used_region,
                       "last_used_service": key.used_service}
        told |= _numbered(f"access_key_{number}", values)
    return told


def _certificates(call: Call, owner: str) -> dict[str, str]:
    told = {"cert_1_active": "false", "cert_2_active": "false"}
    for number, row in enumerate(call.table(SigningCertificate).scan(owner), 1):
        told |= _numbered(f"cert_{number}", {"active": _truth(row.active), "last_rotated": _date(row.uploaded)})
    return told


def _numbered(prefix: str, values: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return [(f"{prefix}_{name}", value) for name, value in values.items()]


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _date(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), UTC).isoformat()

"""What conditions and variables of policies may ask of a call. Values are made only when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .tables import Role, User

if TYPE_CHECKING:
    from ..call import Call
    from .contract import Principal

Values = list[str] | None


class Context:
    """The condition keys of one call; names are not distinguished by case."""

    __slots__ = ("_call", "_members", "_principal", "_tags")

    def __init__(self, call: Call, members: Mapping[str, Any]) -> None:
        self._call = call
        self._members = members
        self._principal: Principal = call.principal
        self._tags: dict[str, str] | None = None

    def __call__(self, key: str) -> Values:
        name = key.lower()
        if name.startswith("aws:principaltag/"):
            value = self._principal_tags().get(name[17:])
            return None if value is None else [value]
        if name.startswith("aws:requesttag/"):
            value = {k.lower(): v for k, v in self._request_tags().items()}.get(name[15:])
            return None if value is None else [value]
        ask = _KEYS.get(name)
        value = ask(self) if ask else self._own(name)
        return None if value is None else value if isinstance(value, list) else [value]

    # --- global keys ---

    def _header(self, name: str) -> str | None:
        return self._call.request.headers.get(name) if self._call.request else None

    def _user_name(self) -> str | None:
        return self._principal.subject.rpartition("/")[2] if self._principal.kind == "user" else None

    def _now(self) -> str:
        return datetime.fromtimestamp(self._call.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _type(self) -> str:
        return {"root": "Account", "user": "User", "role": "AssumedRole", "federated": "FederatedUser",
                "anonymous": "Anonymous"}.get(self._principal.kind, "Service")

    def _mfa(self) -> str | None:
        """Long-term keys carry no such key at all."""
        return None if self._principal.access_key.startswith("AKIA") else "true" if self._principal.mfa_at else "false"

    def _mfa_age(self) -> str | None:
        return str(int(self._call.now - self._principal.mfa_at)) if self._principal.mfa_at else None

    def _secure(self) -> str:
        return "true" if self._call.request is not None and self._call.request.scheme == "https" else "false"

    def _principal_tags(self) -> dict[str, str]:
        """Of the user or role, and of the session above them; keys in lower case."""
        if self._tags is None:
            who = self._principal
            tags: dict[str, str] = {}
            if who.kind in ("user", "role"):
                kind = User if who.kind == "user" else Role
                row = self._call.tx.table(kind, who.account, "").get(who.subject.rpartition("/")[2])
                tags = dict(row.tags) if row else {}
            self._tags = {k.lower(): v for k, v in (tags | dict(who.tags)).items()}
        return self._tags

    def _request_tags(self) -> dict[str, str]:
        for name in ("Tags", "tags", "TagList"):
            given = self._members.get(name)
            if isinstance(given, dict):
                return given
            if isinstance(given, list):
                return {t.get("Key", ""): t.get("Value", "") for t in given if isinstance(t, dict)}
        return {}

    def _tag_keys(self) -> Values:
        keys = list(self._request_tags()) or list(self._members.get("TagKeys") or ())
        return keys or None

    # --- keys of services: members by their names in the API ---

    def _own(self, name: str) -> Any:
        member = _MEMBERS.get(name)
        value = self._members.get(member) if member else None
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            return [str(v) for v in value]
        return None if value is None else str(value)


_KEYS: dict[str, Callable[[Context], Any]] = {
    "aws:currenttime": Context._now,
    "aws:epochtime": lambda c: str(int(c._call.now)),
    "aws:multifactorauthpresent": Context._mfa,
    "aws:multifactorauthage": Context._mfa_age,
    "aws:principalaccount": lambda c: c._principal.account or None,
    "aws:principalarn": lambda c: c._principal.subject if c._principal.kind != "anonymous" else None,
    "aws:principalisawsservice": lambda c: "true" if c._principal.kind == "service" else "false",
    "aws:principalservicename": lambda c: c._principal.arn if c._principal.kind == "service" else None,
    "aws:principaltype": Context._type,
    "aws:referer": lambda c: c._header("referer"),
    "aws:requestedregion": lambda c: c._call.region,
    "aws:securetransport": Context._secure,
    "aws:sourceaccount": lambda c: c._call.source_arn.split(":")[4] if c._call.source_arn else None,
    "aws:sourcearn": lambda c: c._call.source_arn or None,
    "aws:sourceidentity": lambda c: c._principal.source_identity or None,
    "aws:sourceip": lambda c: c._call.request.client or "127.0.0.1" if c._call.request else None,
    "aws:tagkeys": Context._tag_keys,
    "aws:useragent": lambda c: c._header("user-agent"),
    "aws:userid": lambda c: c._principal.id,
    "aws:username": Context._user_name,
    "aws:viaawsservice": lambda c: "false" if c._call.request else "true",
}

_MEMBERS = {
    "iam:permissionsboundary": "PermissionsBoundary", "iam:policyarn": "PolicyArn",
    "s3:delimiter": "Delimiter", "s3:max-keys": "MaxKeys", "s3:prefix": "Prefix", "s3:versionid": "VersionId",
    "s3:x-amz-acl": "ACL", "s3:x-amz-server-side-encryption": "ServerSideEncryption", "s3:x-amz-storage-class": "StorageClass",
    "sns:endpoint": "Endpoint", "sns:protocol": "Protocol",
    "sts:externalid": "ExternalId", "sts:rolesessionname": "RoleSessionName", "sts:sourceidentity": "SourceIdentity",
    "sts:transitivetagkeys": "TransitiveTagKeys",
}

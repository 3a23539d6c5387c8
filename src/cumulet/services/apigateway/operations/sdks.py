"""The kinds of SDKs that API Gateway knows. GetSdk is not here: none is made."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from ..names import checked_limit, missing


def _property(name: str, friendly: str, required: bool) -> dict[str, Any]:
    return {"name": name, "friendlyName": friendly, "required": required}


_TYPES: dict[str, dict[str, Any]] = {
    "android": {"friendlyName": "Android", "description": "Generates an Android SDK", "configurationProperties": [
        _property("groupId", "Group ID", True), _property("artifactId", "Artifact ID", True),
        _property("artifactVersion", "Artifact Version", True), _property("invokerPackage", "Invoker Package Name", True)]},
    "java": {"friendlyName": "Java SDK", "description": "Generates a Java SDK", "configurationProperties": [
        _property("service.name", "Service Name", True), _property("java.package-name", "Java Package Name", False)]},
    "javascript": {"friendlyName": "JavaScript", "description": "Generates a JavaScript SDK"},
    "objectivec": {"friendlyName": "iOS (Objective-C)", "description": "Generates an iOS SDK", "configurationProperties": [
        _property("classPrefix", "Prefix", True)]},
    "ruby": {"friendlyName": "Ruby SDK", "description": "Generates a Ruby SDK", "configurationProperties": [
        _property("service.name", "Service Name", True)]},
    "swift": {"friendlyName": "iOS (Swift)", "description": "Generates an iOS SDK", "configurationProperties": [
        _property("classPrefix", "Prefix", True)]}}


@operation
def get_sdk_type(call: Call, id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetSdkType.html"""
    if id not in _TYPES:
        raise missing("SDK type")
    return {"id": id, **_TYPES[id]}


@operation
def get_sdk_types(call: Call, position: str = "", limit: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetSdkTypes.html"""
    names = [name for name in sorted(_TYPES) if name > position]
    shown = names[:checked_limit(limit)]
    return {"items": [{"id": name, **_TYPES[name]} for name in shown],
            "position": shown[-1] if len(names) > len(shown) else None}

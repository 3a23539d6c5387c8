"""What may stand in a registry: names, and contents that are what they say. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from cumulet.kernel import AwsError, error

from .rendering import DRAFT4

_REGISTRY = re.compile(r"[\w.@-]{1,64}")
_SCHEMA = re.compile(r"[\w.@-]{1,385}")


def invalid(message: str) -> AwsError:
    return error.BadRequestException(message, Code="BadRequest")


def absent(message: str) -> AwsError:
    return error.NotFoundException(message, Code="NotFound")


def conflict(message: str) -> AwsError:
    return error.ConflictException(message, Code="Conflict")


def check_registry(name: str) -> None:
    if not _REGISTRY.fullmatch(name):
        raise invalid("Registry name must be 1 to 64 characters: letters, numbers, '.', '-', '_' and '@'.")
    if name.startswith("aws."):
        raise error.ForbiddenException("Registry names that begin with aws. are AWS's own.", Code="Forbidden")


def check_schema(name: str) -> None:
    if not _SCHEMA.fullmatch(name):
        raise invalid("Schema name must be 1 to 385 characters: letters, numbers, '.', '-', '_' and '@'.")


def check_content(content: str, kind: str) -> None:
    """Is it a schema of that kind?"""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        raise invalid("Content is not a valid JSON document.") from None
    if not (_is_openapi(said) if kind == "OpenApi3" else _is_draft4(said)):
        raise invalid(f"Content is not a valid {kind} schema.")


def _is_openapi(said: Any) -> bool:
    """https://spec.openapis.org/oas/v3.0.3#openapi-object"""
    if not isinstance(said, dict) or not str(said.get("openapi", "")).startswith("3.0"):
        return False
    info = said.get("info")
    return (isinstance(info, dict) and {"title", "version"} <= info.keys() and isinstance(said.get("paths"), dict)
            and isinstance(said.get("components", {}), dict))


def _is_draft4(said: Any) -> bool:
    """https://json-schema.org/draft-04/schema"""
    if not isinstance(said, dict) or str(said.get("$schema", DRAFT4)).rstrip("#") != DRAFT4.rstrip("#"):
        return False
    return all(isinstance(said.get(name, {}), dict) for name in ("properties", "definitions", "patternProperties")) \
        and isinstance(said.get("required", []), list) and isinstance(said.get("type", ""), (str, list))

"""Resource and Condition elements of a statement: what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from . import catalogue
from .positions import Node

Path = tuple[str | int, ...]

_OPERATORS = {name.lower() for name in (
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
    "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
    "NumericGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
    "DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals",
    "ArnNotLike", "Null")}
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")
_FIELDS = 6
_PROVIDERS = re.compile(r"[\w.-]+(/[^:]*)?", re.A)


class Issue(NamedTuple):
    """One finding, and where in the text."""

    type: str
    code: str
    text: str
    path: Path
    start: int
    end: int

    @classmethod
    def at(cls, path: Path, node: Node, type: str, code: str, text: str) -> Issue:
        return cls(type, code, text, path, node.start, node.end)


def resources(path: Path, node: Node) -> Iterator[Issue]:
    """ARNs of the Resource element."""
    for name in ("Resource", "NotResource"):
        said = node.child(name)
        if said is None:
            continue
        if said.value == []:
            yield Issue.at((*path, name), said, "SUGGESTION", "EMPTY_ARRAY_RESOURCE",
                           "This statement includes no resources and does not affect the policy. Specify resources.")
        for more, one in said.items():
            place = (*path, name, *more)
            if not isinstance(one.value, str):
                yield Issue.at(place, one, "ERROR", "DATA_TYPE_MISMATCH",
                               "The text does not match the expected JSON data type string.")
            elif one.value != "*":
                yield from _arn(place, one)


def _arn(place: Path, one: Node) -> Iterator[Issue]:
    parts = one.value.split(":", _FIELDS - 1)
    if parts[0] not in ("arn", "*") and not one.value.startswith("*"):
        yield Issue.at(place, one, "ERROR", "INVALID_ARN_PREFIX", "Add the required prefix (arn) to the resource ARN.")
    elif len(parts) < _FIELDS and "*" not in one.value:
        yield Issue.at(place, one, "ERROR", "MISSING_ARN_FIELD", f"Resource ARNs must include at least {_FIELDS} fields in the "
                       "following structure: arn:partition:service:region:account:resource")
    elif len(parts) == _FIELDS and not set(parts[1]) & set("*?$") and parts[1] not in _PARTITIONS:
        yield Issue.at(place, one, "ERROR", "INVALID_PARTITION", f"The resource ARN for the service {parts[2]} does not "
                       f"support the partition {parts[1]}. Use the supported values: {', '.join(_PARTITIONS)}")


def conditions(path: Path, node: Node) -> Iterator[Issue]:
    """Operators, keys and values of the Condition element."""
    block = node.child("Condition")
    if block is None:
        return
    place = (*path, "Condition")
    if not isinstance(block.value, dict):
        yield Issue.at(place, block, "ERROR", "DATA_TYPE_MISMATCH",
                       "The text does not match the expected JSON data type object.")
        return
    if not block.inside:
        yield Issue.at(place, block, "SUGGESTION", "EMPTY_OBJECT_CONDITION",
                       "This condition block is empty and it does not affect the policy. Specify conditions.")
    for name, lines in block.inside:
        operator = str(name)
        plain = operator.lower().removeprefix("forallvalues:").removeprefix("foranyvalue:")
        if plain == "nullifexists":
            yield Issue.at((*place, name), lines, "ERROR", "NULL_WITH_IF_EXISTS", "The Null condition operator does not "
                           "support the IfExists suffix. Update the operator or the suffix.")
        elif plain.removesuffix("ifexists") not in _OPERATORS:
            yield Issue.at((*place, name), lines, "ERROR", "INVALID_CONDITION_OPERATOR",
                           f"The condition operator {operator} is not valid. Use a valid condition operator.")
        for key, values in lines.inside:
            yield from _line((*place, name, key), plain.removesuffix("ifexists"), str(key), values)


def _line(place: Path, operator: str, key: str, values: Node) -> Iterator[Issue]:
    if (problem := _key(key)) is not None:
        yield Issue.at(place, values, "ERROR", *problem)
    if key.lower() == "aws:arn":
        yield Issue.at(place, values, "WARNING", "DEPRECATED_GLOBAL_CONDITION_KEY",
                       "We recommend that you update aws:ARN to use the newer condition key aws:PrincipalArn.")
    if values.value == []:
        yield Issue.at(place, values, "SUGGESTION", "EMPTY_ARRAY_CONDITION", f"There are no values for the condition key {key} "
                       "and it does not affect the policy. Specify conditions.")
    if operator in ("stringequals", "stringnotequals"):
        for more, one in values.items():
            if isinstance(one.value, str) and set(re.sub(r"\$\{.*?\}", "", one.value)) & set("*?"):
                yield Issue.at((*place, *more), one, "WARNING", "WILDCARD_WITHOUT_LIKE_OPERATOR",
                               "Your condition value includes a * or ? character. If you meant to use a wildcard (*, ?), "
                               "update the condition operator to include Like.")


def _key(key: str) -> tuple[str, str] | None:
    """What is wrong with a condition key. Keys of identity providers begin with their address."""
    service, colon, _ = key.partition(":")
    if not colon:
        return "INVALID_CONDITION_KEY_FORMAT", "The condition key format is not valid. Use the format service:keyname."
    if service.lower() == "aws":
        return None if catalogue.is_global(key) else (
            "INVALID_GLOBAL_CONDITION_KEY", f"The condition key {key} does not exist. Use a valid condition key.")
    if service.lower() not in catalogue.services():
        return None if "." in service or service.lower() in ("saml", "identitystore") or _PROVIDERS.fullmatch(service) is None \
            else ("INVALID_SERVICE_CONDITION_KEY",
                  f"The condition key {key} does not exist in the service {service}. Use a valid condition key.")
    return None if catalogue.has_key(key) else (
        "INVALID_SERVICE_CONDITION_KEY",
        f"The condition key {key} does not exist in the service {service}. Use a valid condition key.")

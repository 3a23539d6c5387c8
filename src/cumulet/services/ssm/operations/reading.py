"""Parameters: told, one by one, by path, and as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation

from .. import filters, names, policies, public, references, store
from ..resources import Parameter, Version
from ..sealing import opened

_LOOKED_AT = 500                       # rows a page: a filter that matches few gives short pages


@operation
def get_parameter(call: Call, Name: str, WithDecryption: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html"""
    return {"Parameter": _get(call, Name, WithDecryption)}


@operation
def get_parameters(call: Call, Names: Sequence[str], WithDecryption: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html"""
    found, unknown = [], []
    for name in dict.fromkeys(Names):
        try:
            found.append(_get(call, name, WithDecryption))
        except AwsError as problem:
            if problem.code not in ("ParameterNotFound", "ParameterVersionNotFound"):
                raise
            unknown.append(name)
    return {"Parameters": sorted(found, key=lambda one: one["Name"]), "InvalidParameters": unknown}


def _get(call: Call, name: str, plain: bool) -> dict[str, Any]:
    if name.startswith(references.PREFIX):
        return references.tell(call, name, plain)
    if public.is_public(name):
        known = public.of(call.region).get(name)
        if known is None:
            raise error.ParameterNotFound("")
        return public.tell(store.prefix(call), known)
    seen, row, version, selector = store.get(call, name)
    told = tell(seen, row, plain, version)
    if selector:
        told["Selector"] = selector
    return told


def tell(call: Call, row: Parameter, plain: bool, version: Version | None = None) -> dict[str, Any]:
    """A parameter with its value; of SecureStrings the sealed one, unless it is asked for in plain."""
    kind, value = (row.Type, row.Value) if version is None else (version.type, version.value)
    arn = call.arn(row)
    if plain and kind == "SecureString":
        value = opened(call, arn, value, row.at_hand if version is None else version.at_hand)
    return {"Name": row.Name, "Type": kind, "Value": value, "Version": row.version if version is None else version.number,
            "LastModifiedDate": row.modified if version is None else version.modified, "ARN": arn,
            "DataType": row.DataType if version is None else version.data_type}


@operation
def get_parameters_by_path(call: Call, Path: str, Recursive: bool = False, WithDecryption: bool = False,
                           ParameterFilters: Sequence[Mapping[str, Any]] = (),
                           page: Page[Any] = Page(10)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html"""
    base = names.check_path(Path)
    matches = filters.compiled(ParameterFilters, filters.BY_PATH)
    after = store.begin(page.after)
    if public.is_public(base):
        known = public.below(call.region, base, Recursive, after[1] if after else "", page.limit + 1)
        shown = page.cut(known, lambda one: (one.name, one.name))
        return {"Parameters": [public.tell(store.prefix(call), one) for one in shown]}
    rows = store.below(call, base.removeprefix("/"), Recursive, after, _LOOKED_AT if ParameterFilters else page.limit + 1)
    found = store.matching(page, rows, matches, _LOOKED_AT if ParameterFilters else 0)
    return {"Parameters": [_labelled(call, row, WithDecryption, ParameterFilters) for row in found]}


def _labelled(call: Call, row: Parameter, plain: bool, asked: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A filter on labels tells the version that has the label."""
    wanted: Sequence[str] = next((one["Values"] for one in asked if one["Key"] == "Label"), [])
    number = next((row.labels[label] for label in wanted if label in row.labels), row.version)
    return tell(call, row, plain, None if number == row.version else store.version_of(call, row, number))


@operation
def get_parameter_history(call: Call, Name: str, WithDecryption: bool = False,
                          page: Page[Version] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html"""
    asked = names.asked(Name)
    seen = store.place(call, asked)
    row = store.find(seen, asked)
    if row is None:
        raise error.ParameterNotFound("")
    if not isinstance(page.after, int | None):
        raise error.InvalidNextToken("The specified token isn't valid.")
    rows = seen.table(Version).scan(row.Name, after=page.after, limit=page.limit + 1)
    return {"Parameters": [_as_it_was(seen, row, version, WithDecryption)
                           for version in page.cut(rows, lambda version: version.number)]}


def _as_it_was(call: Call, row: Parameter, version: Version, plain: bool) -> dict[str, Any]:
    value = version.value
    if plain and version.type == "SecureString":
        value = opened(call, call.arn(row), value, version.at_hand)
    return {"Name": row.Name, "Type": version.type, "KeyId": version.key_id, "LastModifiedDate": version.modified,
            "LastModifiedUser": version.user, "Description": version.description, "Value": value,
            "AllowedPattern": version.allowed_pattern, "Version": version.number, "Tier": version.tier,
            "Labels": sorted(label for label, number in row.labels.items() if number == version.number),
            "Policies": policies.shown(version.policies, row.told if version.number == row.version else []),
            "DataType": version.data_type}

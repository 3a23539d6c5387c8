"""Filters of listings: which are allowed where, and what they match."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, error

from .names import ODD_PATH, invalid
from .resources import Parameter

Filter = Mapping[str, Any]
BY_PATH = frozenset({"Type", "KeyId", "Label"})
DESCRIBED = frozenset({"Name", "Type", "KeyId", "Path", "Tier", "DataType"})
_OPTIONS = {"Name": ("Equals", "BeginsWith", "Contains"), "Path": ("Recursive", "OneLevel")}


def compiled(filters: Sequence[Filter], allowed: frozenset[str], tags: bool = False) -> Callable[[Parameter], bool]:
    """A test of a parameter by all of these. Raises what a filter that makes no sense is answered."""
    seen: set[str] = set()
    for one in filters:
        _check(one, allowed, tags)
        if one["Key"] in seen:
            raise error.InvalidFilterKey(f"The following filter is duplicated in the request: {one['Key']}. A request can "
                                         "contain only one instance of a specific filter.")
        seen.add(one["Key"])
    tests = [_test(one) for one in filters]
    return lambda row: all(test(row) for test in tests)


def _check(one: Filter, allowed: frozenset[str], tags: bool) -> None:
    key, values, option = one["Key"], one.get("Values") or [], one.get("Option")
    if key not in allowed and not (tags and key.startswith("tag:")):
        names = sorted(allowed | {"tag:.+"} if tags else allowed)
        raise error.InvalidFilterKey(f"The following filter key is not valid: {key}. Valid filter keys include: "
                                     f"[{', '.join(names)}].")
    options = _OPTIONS.get(key, ("Equals", "BeginsWith") if key == "KeyId" else ("Equals",))
    if option is not None and option not in options:
        raise error.InvalidFilterOption(f"The following filter option is not valid: {option}. Valid options include: "
                                        f"[{', '.join(options)}].")
    if not values and not key.startswith("tag:"):
        raise error.InvalidFilterValue("The following filter values are missing : null for filter key " + key)
    for value in values:
        if problem := _wrong(key, value):
            raise problem


def _wrong(key: str, value: str) -> AwsError | None:
    known = {"Type": ("String", "StringList", "SecureString"), "Tier": ("Standard", "Advanced", "Intelligent-Tiering")}
    if key in known and value not in known[key]:
        return error.InvalidFilterValue(f"The following filter value is not valid: {value}. Valid values include: "
                                        f"[{', '.join(known[key])}].")
    if key == "Path" and (value[:1] != "/" or value.lower().startswith(("/aws", "/ssm")) or "//" in value):
        return invalid(ODD_PATH)
    return None


def _test(one: Filter) -> Callable[[Parameter], bool]:
    key, values = one["Key"], list(one.get("Values") or [])
    option = one.get("Option") or ("OneLevel" if key == "Path" else "Equals")
    if key.startswith("tag:"):
        tag = key[4:]
        return lambda row: tag in row.tags and (not values or row.tags[tag] in values)
    if key == "Label":
        return lambda row: any(value in row.labels for value in values)
    if key == "Path":
        return lambda row: any(_under(row, value.strip("/"), option == "Recursive") for value in values)
    field: str = "key_id" if key == "KeyId" else key
    if option == "BeginsWith":
        return lambda row: (getattr(row, field) or "").startswith(tuple(values))
    if option == "Contains":
        return lambda row: any(value in getattr(row, field) for value in values)
    return lambda row: getattr(row, field) in values


def _under(row: Parameter, base: str, deep: bool) -> bool:
    if deep:
        return not base or row.path.startswith(f"{base}/")
    return row.parent == base


def path_of(filters: Sequence[Filter]) -> tuple[str, bool] | None:
    """The one path that is asked for, without slashes around it, and whether all levels below are meant."""
    return next(((one["Values"][0].strip("/"), one.get("Option") == "Recursive") for one in filters
                 if one["Key"] == "Path" and len(one["Values"]) == 1), None)


def bounds(filters: Sequence[Filter]) -> tuple[str, str | None]:
    """Between which names all matches lie, if a filter on the name tells: listings begin and end there."""
    for one in filters:
        if one["Key"] == "Name" and one.get("Option") == "BeginsWith" and len(one["Values"]) == 1:
            return one["Values"][0], one["Values"][0] + "\U0010ffff"
        if one["Key"] == "Name" and one.get("Option") in (None, "Equals"):
            return min(one["Values"]), max(one["Values"])
    return "", None

"""What the model says of members beyond their types: required, lengths, ranges, patterns, enums; in AWS's own words.

Each shape gets a quick check that only says yes or no; when it says no, the slow explanation is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import AwsError
from ..store.blobs import Spool
from .model import Model
from .patterns import matcher

Check = Callable[[Any], bool]
MAX_SHOWN = 10                         # problems told in one message


class Policy:
    """How a service tells of bad members: everything by the framework, or only what is missing."""

    def __init__(self, missing: str = "", only_required: bool = False, code: str = "") -> None:
        self.code = code                                 # of all that is wrong; "" for the protocol's usual one
        self.missing = missing                           # the code for a missing member; "" for the framework's own
        self.only_required = only_required


FRAMEWORK = Policy()
# These services check their members by other means: their own rules say what is wrong, and how.
POLICIES = {
    "s3": Policy("S3", only_required=True),
    "sqs": Policy("MissingParameter", only_required=True),
    "sns": Policy("", only_required=True),
    "ec2": Policy("MissingParameter", only_required=True),
    "rds": Policy("MissingParameter", only_required=True),
    "docdb": Policy("MissingParameter", only_required=True),
    "neptune": Policy("MissingParameter", only_required=True),
    "elasticache": Policy("MissingParameter", only_required=True),
    "redshift": Policy("MissingParameter", only_required=True),
    "sdb": Policy("MissingParameter", only_required=True),
    "logs": Policy(code="InvalidParameterException"),          # the framework's words under a name of its own
    "s3tables": Policy(code="BadRequestException"),
}


class Validator:
    """Compiles the checks of one service's shapes."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.policy = POLICIES.get(model.service, FRAMEWORK)
        self._checks: dict[tuple[Any, ...], Check | None] = {}

    def check(self, ref: Mapping[str, Any]) -> Check | None:
        """A quick check of a value, or None when nothing can be wrong with it."""
        key = (ref["shape"], str(ref.get("enum")))
        if key in self._checks:
            return self._checks[key]
        if not self._matters(ref, set()):
            self._checks[key] = None
            return None
        later: list[Check | None] = []

        def recursive(value: Any) -> bool:
            return later[0] is None or later[0](value)

        self._checks[key] = recursive
        shape = {**self.model.shapes[ref["shape"]], **ref}
        found = self._compile(shape)
        later.append(found)
        self._checks[key] = found
        return found

    def _matters(self, ref: Mapping[str, Any], seen: set[str]) -> bool:
        """Is there any constraint at or below this shape?"""
        if ref["shape"] in seen:
            return False
        seen.add(ref["shape"])
        shape = {**self.model.shapes[ref["shape"]], **ref}
        kind = shape["type"]
        if kind == "structure":
            return bool(shape.get("required")) or any(self._matters(member, seen) for member in shape["members"].values())
        if not self.policy.only_required and any(shape.get(trait) is not None for trait in ("min", "max", "pattern", "enum")):
            return True
        if kind == "list":
            return self._matters(shape["member"], seen)
        return kind == "map" and (self._matters(shape["key"], seen) or self._matters(shape["value"], seen))

    def _compile(self, shape: dict[str, Any]) -> Check | None:
        kind = shape["type"]
        if kind == "structure":
            return self._structure(shape)
        if self.policy.only_required:
            if kind == "list":
                return self._items(self.check(shape["member"]))
            if kind == "map":
                return self._values(None, self.check(shape["value"]))
            return None
        if kind == "list":
            return _both(_length(shape), self._items(self.check(shape["member"])))
        if kind == "map":
            return _both(_length(shape), self._values(self.check(shape["key"]), self.check(shape["value"])))
        if kind == "string":
            return _string(shape)
        if kind == "blob":
            return _length(shape)
        if kind in ("integer", "long", "float", "double"):
            return _range(shape)
        return None

    def _structure(self, shape: dict[str, Any]) -> Check | None:
        if shape.get("document"):
            return None
        required = frozenset(shape.get("required", ()))
        checks = {name: check for name, ref in shape["members"].items()
                  if not shape.get("eventstream") and (check := self.check(ref)) is not None}
        if not required and not checks:
            return None
        find = checks.get

        def check_members(value: Any) -> bool:
            if not required <= value.keys():
                return False
            for name, item in value.items():
                check = find(name)
                if check is not None and not check(item):
                    return False
            return True

        return check_members

    @staticmethod
    def _items(check: Check | None) -> Check | None:
        if check is None:
            return None

        def check_items(value: Any) -> bool:
            for item in value:  # noqa: SIM110  (twice as fast as all() over a generator)
                if item is not None and not check(item):
                    return False
            return True

        return check_items

    @staticmethod
    def _values(key: Check | None, value: Check | None) -> Check | None:
        if key is None and value is None:
            return None

        def check_entries(entries: Any) -> bool:
            if key is not None:
                for name in entries:
                    if not key(name):
                        return False
            if value is not None:
                for item in entries.values():
                    if item is not None and not value(item):
                        return False
            return True

        return check_entries

    # --- in words ---

    def refuse(self, ref: Mapping[str, Any], members: Mapping[str, Any], protocol: str, payload: str) -> AwsError:
        """The error for members that the check refused."""
        problems: list[str] = []
        missing: list[str] = []
        self._explain({**self.model.shapes[ref["shape"]], **ref}, members, "", problems, missing)
        if self.policy.missing == "S3":
            if payload in missing:
                return AwsError("MissingRequestBodyError", "Request Body is empty", 400)
            if any("." in path for path in missing):
                return AwsError("MalformedXML", "The XML you provided was not well-formed or did not validate against our "
                                "published schema", 400)
            return AwsError("InvalidRequest", f"Missing required parameter: {missing[0]}", 400)
        if self.policy.missing:
            return AwsError(self.policy.missing, f"The request must contain the parameter {missing[0]}", 400)
        count = len(problems)
        noun = "error" if count == 1 else "errors"
        code = self.policy.code or ("ValidationError" if protocol in ("query", "ec2") else "ValidationException")
        return AwsError(code, f"{count} validation {noun} detected: " + "; ".join(problems[:MAX_SHOWN]), 400)

    def _explain(self, shape: dict[str, Any], value: Any, path: str, problems: list[str], missing: list[str]) -> None:
        kind = shape["type"]
        if kind == "structure":
            if shape.get("document") or shape.get("eventstream") or not isinstance(value, Mapping):
                return
            for name in shape.get("required", ()):
                if name not in value:
                    missing.append(f"{path}.{name}" if path else name)
                    problems.append(f"Value null at '{_join(path, name)}' failed to satisfy constraint: "
                                    "Member must not be null")
            for name, ref in shape["members"].items():
                if value.get(name) is not None:
                    self._explain({**self.model.shapes[ref["shape"]], **ref}, value[name], _join(path, name), problems, missing)
            return
        if kind == "list":
            for i, item in enumerate(value, 1):
                if item is not None:
                    self._explain(self._target(shape["member"]), item, f"{path}.{i}.member", problems, missing)
        elif kind == "map":
            for key, item in value.items():
                self._explain(self._target(shape["key"]), key, path, problems, missing)
                if item is not None:
                    self._explain(self._target(shape["value"]), item, f"{path}.{key}.member", problems, missing)
        if not self.policy.only_required:
            problems += [f"Value '{_shown(shape, value)}' at '{path}' failed to satisfy constraint: {said}"
                         for said in _constraints(shape, value)]

    def _target(self, ref: dict[str, Any]) -> dict[str, Any]:
        return {**self.model.shapes[ref["shape"]], **ref}


def _join(path: str, name: str) -> str:
    lower = name[:1].lower() + name[1:]
    return f"{path}.{lower}" if path else lower


def _shown(shape: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, bytes):
        return "java.nio.HeapByteBuffer"
    if shape.get("sensitive"):
        return "***"
    if isinstance(value, list):
        return "[" + ", ".join(str(item) for item in value[:20]) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}={v}" for k, v in list(value.items())[:20]) + "}"
    return str(value)[:2048]


def _constraints(shape: Mapping[str, Any], value: Any) -> list[str]:
    """The constraints that a value does not satisfy."""
    kind, low, high = shape["type"], shape.get("min"), shape.get("max")
    found = []
    if kind in ("integer", "long", "float", "double"):
        if high is not None and value > high:
            found.append(f"Member must have value less than or equal to {high}")
        if low is not None and value < low:
            found.append(f"Member must have value greater than or equal to {low}")
        return found
    if kind in ("string", "list", "map", "blob") and (low is not None or high is not None):
        size = value.size if isinstance(value, Spool) else len(value)
        if high is not None and size > high:
            found.append(f"Member must have length less than or equal to {high}")
        if low is not None and size < low:
            found.append(f"Member must have length greater than or equal to {low}")
    if kind == "string":
        pattern = shape.get("pattern")
        if pattern and (match := matcher(pattern)) is not None and not match(value):
            found.append(f"Member must satisfy regular expression pattern: {pattern}")
        if shape.get("enum") and value not in shape["enum"]:
            found.append(f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]")
    return found


def _both(first: Check | None, second: Check | None) -> Check | None:
    if first is None or second is None:
        return first or second
    return lambda value: first(value) and second(value)


def _length(shape: Mapping[str, Any]) -> Check | None:
    low, high = shape.get("min") or 0, shape.get("max")
    if not low and high is None:
        return None
    if high is None:
        high = 1 << 62
    if shape["type"] != "blob":
        return lambda value: low <= len(value) <= high

    def check(value: Any) -> bool:
        return low <= (value.size if type(value) is Spool else len(value)) <= high

    return check


def _range(shape: Mapping[str, Any]) -> Check | None:
    low, high = shape.get("min"), shape.get("max")
    if low is None and high is None:
        return None
    if low is None:
        return lambda value: bool(value <= high)
    if high is None:
        return lambda value: bool(value >= low)
    return lambda value: bool(low <= value <= high)


def _string(shape: Mapping[str, Any]) -> Check | None:
    enum = frozenset(shape.get("enum") or ())
    match = matcher(shape["pattern"]) if shape.get("pattern") else None
    length = _length(shape)
    if enum:
        return lambda value: value in enum
    if match is not None:
        return lambda value: (length is None or length(value)) and match(value) is not None
    return length

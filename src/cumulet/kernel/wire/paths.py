"""Matching a REST request with the operations of a model: by method, path, constants of the query string."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from ..errors import AwsError
from ..http.message import Request
from .forms import pairs
from .model import Model

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")


def decode(text: str) -> str:
    """A piece of the raw path, percent-decoded; must be UTF-8."""
    if "%" not in text and text.isascii():
        return text
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeError:
        raise AwsError("InvalidURI", "Couldn't parse the specified URI.", 400) from None


class Pattern:
    """One operation's method, path, and what else it needs."""

    __slots__ = ("constants", "deprecated", "headers", "labels", "name", "needed", "regex", "score")

    def __init__(self, model: Model, name: str) -> None:
        operation = model.operations[name]
        uri, _, query = operation.raw["http"]["requestUri"].partition("?")
        self.name = name
        self.deprecated = bool(operation.raw.get("deprecated"))
        self.constants = [tuple(part.partition("=")[::2]) for part in query.split("&") if part]
        members = operation.input.get("members", {})
        required = [members[member] for member in operation.input.get("required", ())]
        wanted = {ref["locationName"] for ref in required if ref.get("location") == "querystring"}
        self.needed = frozenset(wanted.union(key for key, _ in self.constants))          # parameters
        self.headers = frozenset(ref["locationName"].lower() for ref in required if ref.get("location") == "header")
        segments = [segment for segment in uri.split("/") if segment]
        self.labels = [found[1] for found in _LABEL.finditer(uri)]
        self.regex: re.Pattern[str] | None = None
        if any("{" in segment and (not _LABEL.fullmatch(segment) or "+}" in segment) for segment in segments):
            self.regex = re.compile("/" + "/".join(_segment(segment) for segment in segments))
        literal = sum("{" not in segment for segment in segments)
        # What is said by the path weighs more than what is asked for beside it.
        self.score = (literal, len(segments), len(self.constants), len(wanted) + len(self.headers))

    def asks(self, query: dict[str, str], headers: dict[str, str]) -> bool:
        """Does the request have the constants, parameters and headers that this operation cannot be without?"""
        return self.needed <= query.keys() and self.headers <= headers.keys() and self.constant(query)

    def constant(self, query: dict[str, str]) -> bool:
        """Does it have the constants?"""
        return all(key in query and (not value or query[key] == value) for key, value in self.constants)


def _segment(text: str) -> str:
    """A segment of a path as a regular expression."""
    out, at = "", 0
    for found in _LABEL.finditer(text):
        out += re.escape(text[at:found.start()]) + ("(.+)" if found[2] else "([^/]+)")
        at = found.end()
    return out + re.escape(text[at:])


class Node:
    """A place in the tree of paths: literal segments, any segment, and the operations that end here."""

    __slots__ = ("any", "ends", "literal")

    def __init__(self) -> None:
        self.literal: dict[str, Node] = {}
        self.any: Node | None = None
        self.ends: list[Pattern] = []


class Matcher:
    """The REST operations of one model."""

    def __init__(self, model: Model) -> None:
        self._roots: dict[str, Node] = {}
        self._greedy: dict[str, list[Pattern]] = {}
        for name, operation in model.operations.items():
            http = operation.raw["http"]
            pattern = Pattern(model, name)
            if pattern.regex is not None:
                self._greedy.setdefault(http["method"], []).append(pattern)
                continue
            node = self._roots.setdefault(http["method"], Node())
            for segment in http["requestUri"].partition("?")[0].split("/"):
                if segment.startswith("{"):
                    node.any = node.any or Node()
                    node = node.any
                elif segment:
                    node = node.literal.setdefault(segment, Node())
            node.ends.append(pattern)

    def find(self, request: Request) -> tuple[Pattern, dict[str, str]] | None:
        """The operation that says most of this request, and its labels."""
        segments = request.path.split("/")[1:]
        if segments and not segments[-1]:
            segments.pop()                               # a slash at the end says nothing
        found: list[tuple[Pattern, list[str]]] = []
        root = self._roots.get(request.method)
        if root is not None:
            _walk(root, segments, 0, [], found)
        if request.method in self._greedy:
            path = "/" + "/".join(segments)
            for pattern in self._greedy[request.method]:
                match = pattern.regex.fullmatch(path) if pattern.regex is not None else None
                if match is not None:
                    found.append((pattern, list(match.groups())))
        if not found:
            return None
        query = dict(pairs(request.query)) if request.query else {}
        fitting = [entry for entry in found if entry[0].constant(query)]
        if not fitting:
            return None
        if len(fitting) > 1:
            fitting.sort(key=lambda entry: (entry[0].asks(query, request.headers), entry[0].score), reverse=True)
        pattern, values = fitting[0]
        return pattern, {name: decode(value) for name, value in zip(pattern.labels, values, strict=True)}


def _walk(node: Node, segments: list[str], at: int, values: list[str], found: list[tuple[Pattern, list[str]]]) -> None:
    """All operations whose paths fit, those with literal segments first."""
    if at == len(segments):
        found += [(pattern, values) for pattern in node.ends]
        return
    segment = segments[at]
    below = node.literal.get(segment)
    if below is not None:
        _walk(below, segments, at + 1, values, found)
    if node.any is not None and segment:
        _walk(node.any, segments, at + 1, [*values, segment], found)


class _Level:
    """S3's operations of one method on the service, on buckets or on objects.

    plain: the one that is asked for by nothing more, or "".  choosing: parameters that ask for others; one other is asked for
    by a header alone, x-amz-copy-source.
    """

    __slots__ = ("choosing", "patterns", "plain")

    def __init__(self, patterns: list[Pattern]) -> None:
        # Of two operations with one URI (GetBucketLifecycle, GetBucketLifecycleConfiguration) the one not deprecated.
        self.patterns = sorted(patterns, key=lambda p: (-len(p.needed) - len(p.headers), p.deprecated, p.name))
        self.plain = next((p.name for p in self.patterns if not p.needed and not p.headers), "")
        self.choosing = frozenset(name for p in patterns for name in p.needed)


class BucketMatcher:
    """S3: the path is a bucket and a key as it came, and parameters and headers choose the operation."""

    def __init__(self, model: Model) -> None:
        found: dict[tuple[str, str], list[Pattern]] = {}
        for name, operation in model.operations.items():
            http = operation.raw["http"]
            uri = http["requestUri"].partition("?")[0]
            level = "object" if "{Key+}" in uri else "bucket" if "{Bucket}" in uri else uri
            found.setdefault((http["method"], level), []).append(Pattern(model, name))
        self._levels = {where: _Level(patterns) for where, patterns in found.items()}

    def find(self, request: Request, bucket: str) -> tuple[str, dict[str, str]] | None:
        """The operation's name and labels. bucket: from a virtual host, or ""."""
        path, headers = request.path, request.headers
        key = path[1:]
        if not bucket:
            bucket, _, key = key.partition("/")
            if key and not bucket:
                raise AwsError("InvalidURI", "Couldn't parse the specified URI.", 400)
            bucket = decode(bucket)
        if key:
            labels, level = {"Bucket": bucket, "Key": decode(key)}, "object"
        else:
            labels, level = ({"Bucket": bucket}, "bucket") if bucket else ({}, "/")
        here = self._levels.get((request.method, level))
        if here is None:
            return None
        query = dict(pairs(request.query)) if request.query else {}
        if "x-amz-copy-source" not in headers and here.choosing.isdisjoint(query):
            return (here.plain, labels) if here.plain else None
        for pattern in here.patterns:
            if pattern.asks(query, headers):
                return pattern.name, labels
        return None

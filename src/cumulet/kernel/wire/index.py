"""The routing facts of every model: names, protocols, target prefixes. Built once a version of botocore, then read from a file.

Only the metadata at the head of each model is read, so that building it takes a moment and loading it next to nothing.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

from . import data
from .model import protocols_of

_HEAD = 16_384


class Facts:
    """What routing must know of one service."""

    __slots__ = ("endpoint", "name", "protocols", "signing", "target", "version")

    def __init__(self, name: str, protocols: list[str], signing: str, endpoint: str, target: str, version: str) -> None:
        self.name = name
        self.protocols = protocols
        self.signing = signing
        self.endpoint = endpoint
        self.target = target
        self.version = version


class Index:
    """Services by what a request can say of them. Each list has the most likely one first."""

    def __init__(self, rows: list[list[Any]]) -> None:
        self.services = {row[0]: Facts(*row) for row in rows}
        self.targets: dict[str, list[str]] = {}
        self.signing: dict[str, list[str]] = {}
        self.endpoints: dict[str, list[str]] = {}
        self.versions: dict[str, list[str]] = {}
        for facts in self.services.values():
            if facts.target:
                self.targets.setdefault(facts.target, []).append(facts.name)
            self.signing.setdefault(facts.signing, []).append(facts.name)
            self.endpoints.setdefault(facts.endpoint, []).append(facts.name)
            if not {"query", "ec2"}.isdisjoint(facts.protocols):
                self.versions.setdefault(facts.version, []).append(facts.name)
        for named in (self.signing, self.endpoints):
            for name, names in named.items():
                if name in names:                        # the service that has the name comes first
                    names.remove(name)
                    names.insert(0, name)
        for facts in self.services.values():             # clients that sign with the service's own name
            self.signing.setdefault(facts.name, [facts.name])
            self.signing.setdefault(facts.endpoint, [facts.name])
        self.signing["s3-object-lambda"] = ["s3"]
        self.signing["s3express"] = ["s3", "s3control"]
        self.signing["s3-outposts"] = [*self.signing.get("s3-outposts", []), "s3control", "s3"]
        self.endpoints["queue"] = ["sqs"]                # the name of SQS's hosts until 2011, still in use


def _metadata(service: str) -> Any:
    """The metadata of a model: from the first few KiB of its file."""
    path = data.file_of(service)
    with open(path, "rb") if path.suffix == ".json" else gzip.open(path) as file:
        head = file.read(_HEAD).decode("utf-8", "ignore")
    start = head.find('"metadata"')
    try:
        return json.JSONDecoder().raw_decode(head, head.index("{", start))[0]
    except ValueError:
        return data.read(service, "service-2")["metadata"]


def _build() -> list[list[Any]]:
    rows = []
    for service in data.services():
        said = _metadata(service)
        rows.append([service, list(protocols_of(service, said)), said.get("signingName") or said["endpointPrefix"],
                     said["endpointPrefix"], said.get("targetPrefix", ""), said["apiVersion"]])
    return rows


@cache
def index() -> Index:
    """The facts of all services; from the cache when they are there."""
    rows = data.load("index.json")
    if rows is None:
        rows = _build()
        data.save("index.json", rows)
    return Index(rows)

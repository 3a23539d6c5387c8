"""Decisions that AWS's documentation gives, read from `corpus/*.yaml`.

A file holds `cases` and `tables`. A case is a set of policies and what is asked under them:

    - page: of this case, if it is another than the file's
      as: user ann | role app/one | root | federated bob of ann | service sns.amazonaws.com | nobody
      account: of the caller; owner: of the resource, where its ARN does not say it
      identity, boundary, session, resource: a statement or several; they allow unless they say otherwise
      endpoint: the policy of the VPC endpoint that the calls come by, in the same form
      scps, rcps: levels, root first, each a list of statements
      exclusive: the resource's policy alone counts (KMS keys, trust policies)
      asks: [answer, actions, resources, keys]; several actions or resources stand in one text, and all have the answer

A table is about one operator of conditions: [wanted values, values of the request (null: no such key), whether it holds].
Each row is asked as an allowance and as a denial, and with the other forms that follow from the operator's documentation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FOLDER = Path(__file__).parent / "corpus"
HOME, AWAY = "111122223333", "444455556666"
ANSWERS = ("allowed", "implicit", "explicit")
ALL: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_POLICIES = ("identity", "boundary", "session", "resource", "endpoint")
_KNOWN = {"it", "page", "as", "account", "owner", "version", "scps", "rcps", "exclusive", "asks", *_POLICIES}


class Ask(NamedTuple):
    """One decision and its documented answer."""

    answer: str
    action: str
    resource: str
    keys: dict[str, list[str]]


class Case(NamedTuple):
    """Policies, as texts (None: there is none), and the questions under them."""

    page: str
    it: str
    caller: str
    account: str
    owner: str
    identity: tuple[str, ...]
    boundary: tuple[str, ...] | None
    session: tuple[str, ...] | None
    resource: str
    scps: tuple[tuple[str, ...], ...]
    rcps: tuple[tuple[str, ...], ...]
    exclusive: bool
    asks: tuple[Ask, ...]
    endpoint: str = ""


def files() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def cases(name: str) -> list[Case]:
    """All cases of a file, those of its tables too."""
    raw = yaml.load((FOLDER / f"{name}.yaml").read_text(), Loader=yaml.CSafeLoader)
    page = raw.get("page", "")
    return [_case(one, page) for one in raw.get("cases", ())] + [
        case for table in raw.get("tables", ()) for case in _tabled(table, page)]


def _case(raw: dict[str, Any], page: str) -> Case:
    assert raw.keys() <= _KNOWN, raw.keys() - _KNOWN
    version = str(raw.get("version", "2012-10-17"))
    texts = {kind: _documents(raw[kind], version) if raw.get(kind) else None for kind in _POLICIES}
    return Case(raw.get("page", page), raw.get("it", ""), raw.get("as", "user ann"), str(raw.get("account", HOME)),
                str(raw.get("owner", "")), texts["identity"] or (), texts["boundary"], texts["session"],
                (texts["resource"] or ("",))[0], _levels(raw.get("scps"), version), _levels(raw.get("rcps"), version),
                raw.get("exclusive", False), tuple(ask for one in raw["asks"] for ask in _asks(one)),
                (texts["endpoint"] or ("",))[0])


def _documents(raw: Any, version: str) -> tuple[str, ...]:
    statements = raw if isinstance(raw, list) else [raw]
    return (json.dumps({"Version": version, "Statement": [{"Effect": "Allow", **s} for s in statements]}),)


def _levels(raw: Any, version: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_documents(level, version) for level in raw or ())


def _asks(raw: list[Any]) -> Iterable[Ask]:
    answer, actions, resources, *rest = raw
    assert answer in ANSWERS, raw
    keys = {str(key): _values(value) for key, value in (rest[0] if rest else {}).items()}
    for action in actions.split():
        for resource in resources.split():
            yield Ask(answer, action, resource, keys)


def _values(value: Any) -> list[str]:
    return [_text(v) for v in (value if isinstance(value, list) else [value])]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tabled(table: dict[str, Any], page: str) -> Iterable[Case]:
    """The cases of an operator's table.

    forms: "plain" as it is; "optional" with IfExists, which holds without the key and is the same with it; "set" where
    the rows have several values, and the operator is written with its qualifier.
    """
    page, key, operator = table.get("page", page), table["key"], table["operator"]
    for wanted, given, holds in table["rows"]:
        keys = {} if given is None else {key: _values(given)}
        yield from _both(page, operator, key, wanted, keys, holds)
        if table.get("optional", False):
            yield from _both(page, operator + "IfExists", key, wanted, keys, holds or given is None)


def _both(page: str, operator: str, key: str, wanted: Any, keys: dict[str, list[str]], holds: bool) -> Iterable[Case]:
    """A condition gates an allowance and a denial alike."""
    bucket = "arn:aws:s3:::amzn-s3-demo-bucket"
    action, resource = ("s3:ListBucket", bucket) if key.startswith("s3:") else ("s3:GetObject", bucket + "/key")
    said = {"Action": action, "Resource": "*", "Condition": {operator: {key: wanted}}}
    it = f"{operator} {key}: {wanted} asked of {keys.get(key)}"
    for effect, answer in (("Allow", "allowed" if holds else "implicit"), ("Deny", "explicit" if holds else "allowed")):
        statements = [{**said, "Effect": effect}] + ([ALL] if effect == "Deny" else [])
        yield Case(page, it, "user ann", HOME, "", _documents(statements, "2012-10-17"), None, None, "", (), (), False,
                   (Ask(answer, action, resource, keys),))

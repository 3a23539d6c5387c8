"""Data protection policies: sensitive data in messages is refused, masked, or noted.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-policies.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from cumulet.kernel import not_implemented

from .identifiers import IDENTIFIERS, PREFIX, Identifier
from .messages import invalid

_VERSION = "2021-06-01"
_MOST = 30_720
_CUSTOM = re.compile(r"[A-Za-z0-9_-]{1,128}")
_MOST_REGEX = 200
_ALPHABET = re.compile(r"[A-Za-z0-9_#=@/;, ^$?\[\]{}|\\*+.-]+")
_ATOM = re.compile(r"\\.|\[\^?\]?[^\]]*\]")
_REPEATED = re.compile(r"\{(\d+)(,?)(\d*)\}")
_ENDLESS = re.compile(r"[*+]")
_MOST_WAYS = 1000
_VENDED = "/aws/vendedlogs/"


class Statement(msgspec.Struct, kw_only=True):
    """One statement. what: deny, mask (replace each character by `character`; "" takes them away) or audit."""

    inbound: bool
    principals: frozenset[str]
    but: frozenset[str]
    identifiers: dict[str, Identifier]
    what: str
    character: str = ""
    rate: int = 0
    found: str = ""                    # log groups, of findings and of messages without any
    nothing: str = ""

    def counts_for(self, principal: str) -> bool:
        return principal not in self.but and ("*" in self.principals or principal in self.principals)

    def spans(self, text: str) -> Iterator[tuple[str, int, int]]:
        """What stands where."""
        for name, identifier in self.identifiers.items():
            for start, end in identifier.spans(text):
                yield name, start, end

    def masked(self, text: str) -> str:
        """The text without what is sensitive."""
        out, at = [], 0
        for start, end in sorted((start, end) for _, start, end in self.spans(text)):
            if end > at:
                out += [text[at:start], self.character * (end - max(start, at))]
                at = end
        return "".join([*out, text[at:]])


@lru_cache(maxsize=128)
def compiled(text: str) -> tuple[Statement, ...]:
    """The statements of a policy. Raises AWS's error when it is none."""
    if len(text) > _MOST:
        raise _bad("the policy is too long")
    try:
        policy = json.loads(text)
    except ValueError:
        raise _bad("failed to parse JSON.") from None
    if not isinstance(policy, dict) or not isinstance(policy.get("Name"), str) or policy.get("Version") != _VERSION:
        raise _bad(f"Name and Version {_VERSION} are required")
    statements = policy.get("Statement")
    if not isinstance(statements, list) or not statements:
        raise _bad("Statement is required")
    try:
        custom = _custom(policy.get("Configuration") or {})
        found = tuple(_statement(each, custom) for each in statements)
    except (AttributeError, TypeError):              # a list where an object belongs, an object in the place of a name, …
        raise _bad("a member has another type than it must have") from None
    if sum(each.what == "audit" for each in found) > 1:
        raise _bad("only one audit statement is allowed")
    return found


def _bad(why: str) -> Exception:
    return invalid(f"DataProtectionPolicy Reason: {why}")


def _custom(configuration: dict[str, Any]) -> dict[str, Identifier]:
    found: dict[str, Identifier] = {}
    for each in configuration.get("CustomDataIdentifier") or []:
        name, regex = each.get("Name"), each.get("Regex")
        if not isinstance(name, str) or not _CUSTOM.fullmatch(name) or name in IDENTIFIERS:
            raise _bad("the Name of a custom data identifier is not valid")
        if not isinstance(regex, str) or not 1 <= len(regex) <= _MOST_REGEX or not _ALPHABET.fullmatch(regex):
            raise _bad(f"the Regex of a custom data identifier has 1 to {_MOST_REGEX} characters, and no groups")
        _check_effort(regex)
        try:
            found[name] = Identifier(re.compile(regex))
        except re.error:
            raise _bad(f"the Regex of {name} is not valid") from None
    return found


def _check_effort(regex: str) -> None:
    """It is searched for in every message, so it must not take long: repetitions end, and multiply to little."""
    ways = 1
    for low, comma, high in _REPEATED.findall(_ATOM.sub("x", regex.replace("?", "{0,1}"))):
        if comma and not high:
            raise _bad("the Regex is too complicated: a repetition has no end")
        ways *= int(high or low) - int(low) + 1 if comma else 1
    if _ENDLESS.search(_ATOM.sub("x", regex)) or ways > _MOST_WAYS:
        raise _bad("the Regex is too complicated: repetitions have an end, such as {1,64}, and multiply to at most "
                   f"{_MOST_WAYS}")


def _statement(said: dict[str, Any], custom: dict[str, Identifier]) -> Statement:
    if said.get("DataDirection") not in ("Inbound", "Outbound"):
        raise _bad("DataDirection must be Inbound or Outbound")
    principals, but = said.get("Principal", said.get("NoPrincipal") and ["*"]), said.get("NoPrincipal") or []
    if not isinstance(principals, list) or not principals or not isinstance(but, list):
        raise _bad("Principal is required")
    operation = said.get("Operation")
    if not isinstance(operation, dict) or len(operation) != 1:
        raise _bad("Operation must be one of Audit, Deidentify and Deny")
    statement = Statement(inbound=said["DataDirection"] == "Inbound", principals=frozenset(principals), but=frozenset(but),
                          identifiers=_identifiers(said.get("DataIdentifier"), custom), what="deny")
    (name, settings), = operation.items()
    if name == "Deidentify":
        _deidentify(statement, settings)
    elif name == "Audit":
        _audit(statement, settings)
    elif name != "Deny" or settings != {}:
        raise _bad("Operation must be one of Audit, Deidentify and Deny")
    return statement


def _identifiers(names: Any, custom: dict[str, Identifier]) -> dict[str, Identifier]:
    if not isinstance(names, list) or not names:
        raise _bad("DataIdentifier is required")
    found: dict[str, Identifier] = {}
    for arn in names:
        name = str(arn).removeprefix(PREFIX)
        if name in custom:
            found[name] = custom[name]
        elif name not in IDENTIFIERS:
            raise not_implemented(f"the data identifier {name}")
        else:
            found[name] = IDENTIFIERS[name]
    return found


def _deidentify(statement: Statement, settings: Any) -> None:
    statement.what = "mask"
    if not isinstance(settings, dict) or len(settings) != 1:
        raise _bad("Deidentify has either MaskConfig or RedactConfig")
    if "MaskConfig" in settings:
        character = (settings["MaskConfig"] or {}).get("MaskWithCharacter", "#")
        if not isinstance(character, str) or len(character) != 1 or not 0x20 <= ord(character) <= 0x7e:
            raise _bad("MaskWithCharacter must be one printable ASCII character")
        statement.character = character
    elif settings != {"RedactConfig": {}}:
        raise _bad("Deidentify has either MaskConfig or RedactConfig")


def _audit(statement: Statement, settings: Any) -> None:
    statement.what = "audit"
    rate = str((settings or {}).get("SampleRate", ""))
    if not statement.inbound or not rate.isdigit() or not 0 <= int(rate) <= 99:
        raise _bad("Audit is for Inbound, with a SampleRate between 0 and 99")
    statement.rate = int(rate)
    statement.found = _log_group(settings.get("FindingsDestination") or {})
    statement.nothing = _log_group(settings.get("NoFindingsDestination") or {})


def _log_group(destination: dict[str, Any]) -> str:
    for name in ("Firehose", "S3"):
        if name in destination:
            raise not_implemented(f"the audit destination {name} of data protection policies")
    group = str((destination.get("CloudWatchLogs") or {}).get("LogGroup", ""))
    if destination and not group.startswith(_VENDED):
        raise _bad(f"the name of a LogGroup begins with {_VENDED}")
    return group

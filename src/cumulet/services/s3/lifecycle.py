"""Lifecycle rules: what they are, which versions they are about, and when they act. Pure functions; the sweep is elsewhere.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple

from .faults import invalid_argument, invalid_request, malformed_xml

DAY = 86_400
Rule = Mapping[str, Any]
_MOST_RULES = 1000
_SMALL = 128 * 1024                         # objects below this stay where they are, unless a rule speaks of sizes
_ORDER = ("STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER",
          "DEEP_ARCHIVE")
_DEEP = ("GLACIER", "DEEP_ARCHIVE")
_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
VARIES = "varies_by_storage_class"
ALL_128K = "all_storage_classes_128K"


class Thing(NamedTuple):
    """What a rule looks at of an object."""

    key: str
    size: int
    tags: Mapping[str, str]


# --- what a rule may be -------------------------------------------------------------------------------------------------


def checked(rules: Sequence[Rule], name: Any) -> list[dict[str, Any]]:
    """The rules of a LifecycleConfiguration, or an error. name(): an id for a rule that has none."""
    if not 1 <= len(rules) <= _MOST_RULES:
        raise malformed_xml()
    found = []
    for rule in rules:
        _check(rule)
        found.append({"ID": rule.get("ID") or name()} | {k: v for k, v in rule.items() if k != "ID"})
    if len({rule["ID"] for rule in found}) < len(found):
        raise invalid_argument("Rule ID must be unique. Found same ID for more than one rule", "ID")
    return found


def _check(rule: Rule) -> None:
    if rule.get("Status") not in ("Enabled", "Disabled") or ("Filter" in rule) == ("Prefix" in rule):
        raise malformed_xml()
    if len(rule.get("ID") or "") > 255:
        raise invalid_argument("ID length should not exceed allowed limit of 255", "ID")
    actions = ("Expiration", "Transitions", "NoncurrentVersionTransitions", "NoncurrentVersionExpiration",
               "AbortIncompleteMultipartUpload")
    if not any(rule.get(action) for action in actions):
        raise invalid_request("At least one action needs to be specified in a rule")
    _check_filter(rule)
    _check_expiration(rule)
    for transition in rule.get("Transitions") or ():
        _check_transition(transition, "Days", "Transition")
    for transition in rule.get("NoncurrentVersionTransitions") or ():
        _check_transition(transition, "NoncurrentDays", "NoncurrentVersionTransition")
    noncurrent = rule.get("NoncurrentVersionExpiration")
    if noncurrent is not None:
        _positive(noncurrent.get("NoncurrentDays"), "NoncurrentDays", "NoncurrentVersionExpiration")
        newer = noncurrent.get("NewerNoncurrentVersions")
        if newer is not None and not 1 <= newer <= 100:
            raise invalid_argument("'NewerNoncurrentVersions' must be between 1 and 100", "NewerNoncurrentVersions", newer)
    abort = rule.get("AbortIncompleteMultipartUpload")
    if abort is not None:
        _positive(abort.get("DaysAfterInitiation"), "DaysAfterInitiation", "AbortIncompleteMultipartUpload")
    _check_order(rule)


def _check_filter(rule: Rule) -> None:
    said = rule.get("Filter") or {}
    if sum(1 for value in said.values() if value is not None) > 1:
        raise malformed_xml()
    both = said.get("And")
    if both is not None and len(both.get("Tags") or ()) + sum(name in both for name in (
            "Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")) < 2:
        raise malformed_xml()
    if tags_of(rule):
        if (rule.get("Expiration") or {}).get("ExpiredObjectDeleteMarker"):
            raise invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags.")
        if rule.get("AbortIncompleteMultipartUpload"):
            raise invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags.")


def _check_expiration(rule: Rule) -> None:
    expiration = rule.get("Expiration")
    if expiration is None:
        return
    if sum(expiration.get(name) is not None for name in ("Days", "Date", "ExpiredObjectDeleteMarker")) != 1:
        raise malformed_xml()
    if expiration.get("Days") is not None:
        _positive(expiration["Days"], "Days", "Expiration")
    _midnight(expiration.get("Date"))


def _check_transition(transition: Mapping[str, Any], days: str, action: str) -> None:
    storage, said = transition.get("StorageClass"), transition.get(days)
    if storage not in _ORDER[2:]:
        raise malformed_xml()
    if (said is None) == (transition.get("Date") is None):
        raise malformed_xml()
    _midnight(transition.get("Date"))
    if said is not None and said < 0:
        raise invalid_argument(f"'{days}' for {action} action must be a nonnegative integer", days, said)
    if said is not None and said < 30 and storage in _INFREQUENT:
        raise invalid_argument(f"'{days}' in {action} action must be greater than or equal to 30 for storageClass '{storage}'",
                               days, said)


def _check_order(rule: Rule) -> None:
    """An object expires after it has moved, and does one by days and the other by date never."""
    expiration, moves = rule.get("Expiration") or {}, rule.get("Transitions") or ()
    dated = {"Date" in one for one in (expiration, *moves) if "Date" in one or "Days" in one}
    if len(dated) > 1:
        raise invalid_request("Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for "
                              f"filter '(prefix={prefix_of(rule)})'")
    for unit in ("Days", "Date"):
        if unit in expiration and any(expiration[unit] <= one[unit] for one in moves if unit in one):
            raise invalid_argument(f"'{unit}' in the Expiration action for filter '(prefix={prefix_of(rule)})' must be "
                                   f"{'greater' if unit == 'Days' else 'later'} than '{unit}' in the Transition action", unit)


def _positive(value: Any, name: str, action: str) -> None:
    if value is None:
        raise malformed_xml()
    if value <= 0:
        raise invalid_argument(f"'{name}' for {action} action must be a positive integer", name, value)


def _midnight(date: float | None) -> None:
    if date is not None and date % DAY:
        raise invalid_argument("'Date' must be at midnight GMT", "Date", date)


# --- what it is about ---------------------------------------------------------------------------------------------------


def prefix_of(rule: Rule) -> str:
    said = rule.get("Filter") or {}
    return rule.get("Prefix") or said.get("Prefix") or (said.get("And") or {}).get("Prefix") or ""


def tags_of(rule: Rule) -> dict[str, str]:
    said = rule.get("Filter") or {}
    listed = [said["Tag"]] if said.get("Tag") else (said.get("And") or {}).get("Tags") or ()
    return {tag["Key"]: tag.get("Value", "") for tag in listed}


def _sizes(rule: Rule) -> tuple[int | None, int | None]:
    said = rule.get("Filter") or {}
    both = said.get("And") or {}
    return (said.get("ObjectSizeGreaterThan", both.get("ObjectSizeGreaterThan")),
            said.get("ObjectSizeLessThan", both.get("ObjectSizeLessThan")))


def is_about(rule: Rule, thing: Thing) -> bool:
    """Is the rule on, and does its filter mean this object?"""
    above, below = _sizes(rule)
    return (rule["Status"] == "Enabled" and thing.key.startswith(prefix_of(rule)) and (above is None or thing.size > above)
            and (below is None or thing.size < below) and tags_of(rule).items() <= thing.tags.items())


# --- when it acts -------------------------------------------------------------------------------------------------------


def midnight_after(moment: float, days: int) -> float:
    """So many days later, and then the next midnight (UTC), as S3 counts."""
    return ((moment + days * DAY) // DAY + 1) * DAY


def _due(action: Mapping[str, Any], since: float) -> float:
    days = action.get("Days", action.get("NoncurrentDays"))
    return float(action["Date"]) if days is None else midnight_after(since, days)


def expiry(rules: Sequence[Rule], thing: Thing, modified: float) -> tuple[float, str] | None:
    """When a current object expires first, and by which rule."""
    found = [(_due(rule["Expiration"], modified), rule["ID"]) for rule in rules
             if _ends(rule.get("Expiration")) and is_about(rule, thing)]
    return min(found) if found else None


def _ends(expiration: Mapping[str, Any] | None) -> bool:
    return expiration is not None and ("Days" in expiration or "Date" in expiration)


def header(found: tuple[float, str] | None) -> str | None:
    """x-amz-expiration."""
    if found is None:
        return None
    when = format_datetime(datetime.fromtimestamp(found[0], UTC), usegmt=True)
    return f'expiry-date="{when}", rule-id="{found[1]}"'


def moved_to(rules: Sequence[Rule], thing: Thing, storage: str, since: float, now: float, least: str,
             noncurrent: int | None = None) -> str | None:
    """The class that an object should be in by now; None when it stays. noncurrent: how many newer noncurrent versions."""
    wanted = [one["StorageClass"] for one in _moves(rules, thing, least, noncurrent) if _due(one, since) <= now]
    deepest = max(wanted, key=_ORDER.index, default=storage)
    return deepest if _ORDER.index(deepest) > _ORDER.index(storage) else None


def _moves(rules: Sequence[Rule], thing: Thing, least: str, noncurrent: int | None) -> Iterator[Mapping[str, Any]]:
    name = "Transitions" if noncurrent is None else "NoncurrentVersionTransitions"
    for rule in rules:
        if not rule.get(name) or not is_about(rule, thing):
            continue
        for one in rule[name]:
            small = thing.size < _SMALL and _sizes(rule) == (None, None)
            if small and (least != VARIES or one["StorageClass"] not in _DEEP):
                continue
            if noncurrent is not None and noncurrent < (one.get("NewerNoncurrentVersions") or 0):
                continue
            yield one


def is_over(rules: Sequence[Rule], thing: Thing, since: float, now: float, newer: int) -> bool:
    """Should a noncurrent version go? since: when it became that.  newer: how many newer noncurrent ones there are."""
    for rule in rules:
        said = rule.get("NoncurrentVersionExpiration")
        if said is not None and newer >= (said.get("NewerNoncurrentVersions") or 0) and is_about(rule, thing) \
                and midnight_after(since, said["NoncurrentDays"]) <= now:
            return True
    return False


def marker_is_over(rules: Sequence[Rule], thing: Thing, modified: float, now: float) -> bool:
    """Should a delete marker go that hides nothing any more?"""
    for rule in rules:
        said = rule.get("Expiration")
        if said is not None and is_about(rule, thing) and (
                said.get("ExpiredObjectDeleteMarker") or (_ends(said) and _due(said, modified) <= now)):
            return True
    return False


def abandoned(rules: Sequence[Rule], key: str, initiated: float) -> tuple[float, str] | None:
    """When an upload in parts is given up, and by which rule."""
    found = [(midnight_after(initiated, rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]), rule["ID"])
             for rule in rules if rule.get("AbortIncompleteMultipartUpload") and is_about(rule, Thing(key, 0, {}))]
    return min(found) if found else None

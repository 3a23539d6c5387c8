"""Staging labels: each sits on one version at most, and AWSPREVIOUS follows where AWSCURRENT leaves. No wire, no clock."""

from __future__ import annotations

from collections.abc import Mapping

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"
MOST_LABELS = 20

Stages = dict[str, str]                # label → version id


def move(stages: Mapping[str, str], label: str, to: str) -> Stages:
    """The stages after a label was put on a version."""
    moved = dict(stages)
    before = moved.get(label)
    moved[label] = to
    if label == CURRENT and before is not None and before != to:
        moved[PREVIOUS] = before
    return moved


def take(stages: Mapping[str, str], label: str) -> Stages:
    """The stages after a label was taken away."""
    return {name: version for name, version in stages.items() if name != label}


def of(stages: Mapping[str, str], version: str) -> list[str]:
    """The labels of one version, in order."""
    return sorted(label for label, at in stages.items() if at == version)


def by_version(stages: Mapping[str, str]) -> dict[str, list[str]]:
    """version id → its labels: how AWS tells it."""
    told: dict[str, list[str]] = {}
    for label in sorted(stages):
        told.setdefault(stages[label], []).append(label)
    return told

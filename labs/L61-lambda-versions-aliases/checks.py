"""Each version is asked what it is."""

import json
from typing import Any

from cumulet.faces.labs.room import Room, Wrong


def _says(room: Room, qualifier: str) -> tuple[Any, str]:
    """What a version or an alias answers, and which version it was."""
    answer = room.client("lambda").invoke(FunctionName="greeter", Qualifier=qualifier)
    return json.loads(answer["Payload"].read()), answer["ExecutedVersion"]


def versions(room: Room) -> None:
    """One, two, and what is not published."""
    for qualifier, word in (("1", "one"), ("2", "two"), ("$LATEST", "three")):
        if _says(room, qualifier)[0] != {"version": word}:
            raise Wrong(f"version {qualifier} answers {_says(room, qualifier)[0]}")


def aliases(room: Room) -> None:
    """Where it leads."""
    said = _says(room, "test")
    if said != ({"version": "two"}, "2"):
        raise Wrong(f"test leads to version {said[1]}, which answers {said[0]}")


def rollback(room: Room) -> None:
    """No share is left."""
    alias = room.client("lambda").get_alias(FunctionName="greeter", Name="prod")
    if alias["FunctionVersion"] != "1" or alias.get("RoutingConfig", {}).get("AdditionalVersionWeights"):
        raise Wrong(f"prod leads to {alias['FunctionVersion']} and {alias.get('RoutingConfig')}")
    if _says(room, "prod") != ({"version": "one"}, "1"):
        raise Wrong("prod does not answer as version 1 does")

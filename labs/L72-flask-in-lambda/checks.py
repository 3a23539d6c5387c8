"""The application is asked over HTTP, by every verb."""

import json
from typing import Any

from cumulet.faces.labs.room import Room, Wrong


def function(room: Room) -> None:
    """It is there, and ready."""
    state = room.client("lambda").get_function(FunctionName="notes")["Configuration"]
    if state["CodeSize"] < 100_000:
        raise Wrong("the package of notes is too small to hold Flask")


def verbs(room: Room) -> None:
    """A note's whole life."""
    found = [api["ApiId"] for api in room.client("apigatewayv2").get_apis()["Items"] if api["Name"] == "notes"]
    if not found:
        raise Wrong('there is no API "notes"')

    def ask(method: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        status, text = room.get(f"{found[0]}.execute-api.localhost", "/notes/check", {"Content-Type": "application/json"},
                                method, None if body is None else json.dumps(body).encode())
        try:
            return status, json.loads(text or b"null")
        except ValueError:
            return status, text

    for method, body, due in (("PUT", {"text": "one"}, 201), ("GET", None, 200), ("PATCH", {"text": "two"}, 200),
                              ("GET", None, 200), ("DELETE", None, 204), ("GET", None, 404)):
        status, said = ask(method, body)
        if status != due:
            raise Wrong(f"{method} /notes/check is answered {status} {said}, and should be {due}")

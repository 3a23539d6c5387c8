"""Methods of REST APIs that answer by themselves."""

from __future__ import annotations

from typing import Any


def mock(client: Any, **named: str) -> None:
    """Make a method that says a name of its path and a header back. named: its API, resource and verb."""
    client.put_method(**named, authorizationType="NONE")
    client.put_method_response(**named, statusCode="200")
    client.put_integration(**named, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_integration_response(**named, statusCode="200", responseTemplates={
        "application/json": '{"hello":"$input.params(\'name\')","heard":"$input.params(\'x-word\')"}'})

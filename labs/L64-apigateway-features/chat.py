"""A chat: who is connected is in a table, and what one says is posted to all."""

import json
from typing import Any

import boto3

_people = boto3.resource("dynamodb").Table("people")
_gateway = boto3.client("apigatewaymanagementapi")     # on AWS: endpoint_url="https://DOMAIN/STAGE" of the request's context


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One function for three routes."""
    route, me = event["requestContext"]["routeKey"], {"id": event["requestContext"]["connectionId"]}
    if route == "$connect":
        _people.put_item(Item=me)
    elif route == "$disconnect":
        _people.delete_item(Key=me)
    else:
        _say(json.loads(event["body"])["text"])
    return {"statusCode": 200}


def _say(text: str) -> None:
    for one in _people.scan(ConsistentRead=True)["Items"]:
        try:
            _gateway.post_to_connection(ConnectionId=one["id"], Data=text.encode())
        except _gateway.exceptions.GoneException:      # it left without a word
            _people.delete_item(Key={"id": one["id"]})

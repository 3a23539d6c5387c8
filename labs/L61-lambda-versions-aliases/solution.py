"""Two versions and what is not published yet; a canary that is rolled back."""

import json
from collections import Counter
from typing import Any

from cumulet.faces.labs.room import Room

_CODE = 'def handler(event, context):\n    return {"version": "%s"}\n'


def solve(room: Room) -> None:
    """As a team releases."""
    functions = room.client("lambda")
    role = room.client("iam").create_role(RoleName="greeter", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}))["Role"]["Arn"]

    def package(word: str) -> bytes:
        return room.zipped({"greeter.py": _CODE % word})
    functions.create_function(FunctionName="greeter", Runtime="python3.11", Handler="greeter.handler", Role=role,
                              Timeout=10, Code={"ZipFile": package("one")})
    assert functions.publish_version(FunctionName="greeter")["Version"] == "1"
    assert functions.publish_version(FunctionName="greeter")["Version"] == "1"        # nothing has changed
    functions.create_alias(FunctionName="greeter", Name="prod", FunctionVersion="1")
    functions.update_function_code(FunctionName="greeter", ZipFile=package("two"))
    assert functions.publish_version(FunctionName="greeter")["Version"] == "2"
    functions.create_alias(FunctionName="greeter", Name="test", FunctionVersion="2")
    functions.update_function_code(FunctionName="greeter", ZipFile=package("three"))
    room.refused("ResourceNotFoundException", functions.create_alias, FunctionName="greeter", Name="next", FunctionVersion="3")

    def said(qualifier: str) -> tuple[Any, str]:
        answer = functions.invoke(FunctionName="greeter", Qualifier=qualifier)
        return json.loads(answer["Payload"].read())["version"], answer["ExecutedVersion"]
    assert [said(name) for name in ("prod", "test", "$LATEST")] == [("one", "1"), ("two", "2"), ("three", "$LATEST")]

    functions.update_alias(FunctionName="greeter", Name="prod", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    shares = Counter(said("prod") for _ in range(60))
    assert shares.keys() == {("one", "1"), ("two", "2")}
    assert min(shares.values()) > 5
    functions.update_alias(FunctionName="greeter", Name="prod", RoutingConfig={"AdditionalVersionWeights": {}})
    assert {said("prod") for _ in range(10)} == {("one", "1")}
    room.refused("ResourceConflictException", functions.delete_function, FunctionName="greeter", Qualifier="2")

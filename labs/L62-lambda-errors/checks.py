"""What came into the queues and the mailbox, and how the functions are set up."""

import json
from typing import Any

from cumulet.faces.labs.room import Room, Wrong


def _look(room: Room, name: str) -> list[dict[str, Any]]:
    """The messages of a queue; they are put back at once."""
    sqs = room.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0, MaxNumberOfMessages=10,
                                MessageAttributeNames=["All"]).get("Messages", [])
    for message in found:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return list(found)


def retries(room: Room) -> None:
    """A letter that tells the error."""
    told = room.client("lambda").get_function_configuration(FunctionName="job").get("DeadLetterConfig", {})
    if not told.get("TargetArn", "").endswith(":dead"):
        raise Wrong("the dead-letter queue of job is not dead")
    if not any("fail" in json.loads(letter["Body"]) and "ErrorMessage" in letter.get("MessageAttributes", {})
               for letter in _look(room, "dead")):
        raise Wrong("no event lies in dead with the error that it failed with")


def success(room: Room) -> None:
    """A record of an answer."""
    if not any(json.loads(message["Body"])["requestContext"]["condition"] == "Success" for message in _look(room, "done")):
        raise Wrong("no answer lies in done")


def failure(room: Room) -> None:
    """A mail of a failure, not only the one that asks to confirm."""
    config = room.client("lambda").get_function_event_invoke_config(FunctionName="job")["DestinationConfig"]
    if not config.get("OnFailure", {}).get("Destination", "").endswith(":failed"):
        raise Wrong("failures of job do not go to the topic failed")
    mails = room.remote.get("/_cumulet/mail", account=room.account)["messages"]
    if not any("RetriesExhausted" in room.remote.get("/_cumulet/mail", id=mail["id"])["text"] for mail in mails):
        raise Wrong("no failure was mailed to office@example.com")


def limits(room: Room) -> None:
    """Its settings."""
    functions = room.client("lambda")
    told = functions.get_function_configuration(FunctionName="job")
    if (told["Timeout"], told["MemorySize"]) != (2, 128):
        raise Wrong(f"job has {told['Timeout']} seconds and {told['MemorySize']} MB")
    if functions.get_function_concurrency(FunctionName="job").get("ReservedConcurrentExecutions") != 1:
        raise Wrong("job may be run more than once at a time")
    ready = functions.get_provisioned_concurrency_config(FunctionName="job", Qualifier="live")
    if ready["RequestedProvisionedConcurrentExecutions"] != 1:
        raise Wrong("the alias live does not keep one environment ready")


def layer(room: Room) -> None:
    """What it says, and whether the layer is its own."""
    functions = room.client("lambda")
    layers = functions.get_function_configuration(FunctionName="talk").get("Layers", [])
    if not any(":layer:words:" in each["Arn"] for each in layers):
        raise Wrong("talk does not use the layer words")
    answer = json.loads(functions.invoke(FunctionName="talk", Payload=b'{"name": "Ada"}')["Payload"].read())
    if answer.get("said") != "Good evening, Ada" or not isinstance(answer.get("calls"), int):
        raise Wrong(f"talk answers {answer}")

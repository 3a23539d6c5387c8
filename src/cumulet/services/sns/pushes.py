"""Pushes: to the devices of platform applications. Here they end in the mailbox, as the platform would get them."""

from __future__ import annotations

import json

from cumulet.kernel import AwsError, Call, error

from . import feedback, platforms
from .messages import Notice, invalid
from .resources import Application, Endpoint


def parts_of(arn: str, kind: str, parameter: str) -> tuple[str, str, str]:
    """Account, application (GCM/name) and, of an endpoint, its id. kind: app or endpoint."""
    pieces = arn.split(":")
    if len(pieces) < 6:
        raise invalid(f"{parameter} Reason: An ARN must have at least 6 elements, not {len(pieces)}")
    names = pieces[5].split("/")
    if len(pieces) != 6 or pieces[2] != "sns" or names[0] != kind or len(names) != (3 if kind == "app" else 4):
        raise invalid(parameter)
    return pieces[4], f"{names[1]}/{names[2]}", names[3] if kind == "endpoint" else ""


def application_at(call: Call, arn: str, parameter: str = "PlatformApplicationArn") -> Application:
    account, name, _ = parts_of(arn, "app", parameter)
    found = call.table(Application).get(name) if account == call.account else None
    if found is None:
        raise error.NotFoundException("PlatformApplication does not exist")
    return found


def endpoint_at(call: Call, arn: str) -> Endpoint:
    """One of the caller's own."""
    found = find_endpoint(call, arn, "EndpointArn")
    if found is None or parts_of(arn, "endpoint", "EndpointArn")[0] != call.account:
        raise error.NotFoundException("Endpoint does not exist")
    return found


def find_endpoint(call: Call, arn: str, parameter: str) -> Endpoint | None:
    """In whichever account it is."""
    account, name, number = parts_of(arn, "endpoint", parameter)
    return call.elsewhere(account).table(Endpoint).get(name, number)


def application_arn(call: Call, application: str) -> str:
    return f"arn:aws:sns:{call.region}:{call.account}:app/{application}"


def endpoint_arn(call: Call, endpoint: Endpoint) -> str:
    return f"arn:aws:sns:{call.region}:{call.account}:endpoint/{endpoint.application}/{endpoint.id}"


def publish(call: Call, arn: str, notice: Notice) -> None:
    """To one device. Raises what AWS tells the publisher."""
    endpoint = find_endpoint(call, arn, "TargetArn")
    if endpoint is None:
        raise invalid("TargetArn Reason: No endpoint found for the target arn specified")
    account = parts_of(arn, "endpoint", "TargetArn")[0]
    there = call.elsewhere(account) if account != call.account else call
    application = there.table(Application).get(endpoint.application)
    if application is None or (application.expires is not None and application.expires <= call.now):
        raise error.PlatformApplicationDisabledException("Platform application is disabled")
    if not endpoint.Enabled:
        raise error.EndpointDisabledException("Endpoint is disabled")
    platform = endpoint.application.partition("/")[0]
    text = platforms.payload(platform, notice)
    there.mail("push", application_arn(there, application.id), [endpoint.Token], platform, text.encode())
    feedback.of_application(there, application.attributes, f"app/{application.id}", feedback.Outcome(
        notice.id, text, notice.at, arn, True, "", 200))


def tell(call: Call, application: Application, event: str, endpoint: Endpoint) -> None:
    """Publish what happened to an endpoint, when the application names a topic for that."""
    topic = application.attributes.get(event)
    if not topic:
        return
    said = {"EndpointArn": endpoint_arn(call, endpoint), "EventType": event.removeprefix("Event"),
            "Resource": application_arn(call, application.id), "Service": "SNS"}
    try:
        call.as_service(application_arn(call, application.id)).sns.publish(
            TopicArn=topic, Message=json.dumps(said))
    except AwsError:
        return                                     # nobody can be told: the topic is gone, or lets us not in

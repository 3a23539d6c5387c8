"""Push platforms: what their applications need, how their tokens look, and what they are sent.

https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from .messages import Notice, invalid

_APPLE = ("APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "MACOS", "MACOS_SANDBOX", "APNS_PASSBOOK")
_DATA = ("GCM", "ADM")
PLATFORMS = (*_APPLE, *_DATA, "BAIDU", "MPNS", "WNS")
_NO_PRINCIPAL = ("GCM",)
_MOST = {"APNS_VOIP": 5120, "APNS_VOIP_SANDBOX": 5120, "ADM": 6144, "MPNS": 3072, "WNS": 5120}
_MOST_ELSE = 4096
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){1,200}")
_TEAM = re.compile(r"[A-Za-z0-9]{10}")
_BUNDLE = re.compile(r"[A-Za-z0-9.-]{1,255}")
_EVENTS = ("EventEndpointCreated", "EventEndpointDeleted", "EventEndpointUpdated", "EventDeliveryFailure")
_FEEDBACK = ("SuccessFeedbackRoleArn", "FailureFeedbackRoleArn", "SuccessFeedbackSampleRate")
_APPLE_ONLY = ("ApplePlatformTeamID", "ApplePlatformBundleID")
KNOWN = ("PlatformCredential", "PlatformPrincipal", *_EVENTS, *_FEEDBACK, *_APPLE_ONLY)


def check_platform(platform: str) -> None:
    if platform not in PLATFORMS:
        raise invalid(f"Platform Reason: {platform} is not supported")


def check_application(platform: str, attributes: Mapping[str, str]) -> None:
    """AWS's complaint about the attributes of an application as a whole."""
    if not attributes.get("PlatformCredential"):
        raise invalid("Attributes Reason: PlatformCredential is required")
    if platform not in _NO_PRINCIPAL and not attributes.get("PlatformPrincipal"):
        raise invalid("Attributes Reason: PlatformPrincipal is required")
    team, bundle = (attributes.get(name) for name in _APPLE_ONLY)
    if bool(team) != bool(bundle) or (team and platform not in _APPLE):
        raise invalid("Attributes Reason: ApplePlatformTeamID and ApplePlatformBundleID go together, for Apple's platforms")
    if team and (not _TEAM.fullmatch(team) or not _BUNDLE.fullmatch(bundle or "")):
        raise invalid("Attributes Reason: ApplePlatformTeamID or ApplePlatformBundleID is not valid")


def method(platform: str, attributes: Mapping[str, str], credential: str) -> str | None:
    """AuthenticationMethod of an application."""
    if platform in _APPLE:
        return "Token" if attributes.get("ApplePlatformTeamID") else "Certificate"
    return ("Token" if credential.lstrip().startswith("{") else "Key") if platform == "GCM" else None


def token_of(platform: str, token: str) -> str:
    """A device's token as it is kept."""
    if not token:
        raise invalid("Token Reason: Token is required")
    if platform in _APPLE:
        if not _HEX.fullmatch(token):
            raise invalid("Token Reason: iOS tokens must be no more than 400 hexadecimal characters")
        return token.lower()
    return token


def payload(platform: str, notice: Notice) -> str:
    """What the platform is sent: its own entry of the message, or the text wrapped as the platform likes it."""
    if notice.texts is not None and platform in notice.texts:
        text = notice.texts[platform]
        if platform not in ("MPNS", "WNS") and not _is_object(text):
            raise invalid(f"Message Reason: Invalid notification for protocol {platform}: Invalid JSON")
    else:
        text = _wrapped(platform, notice.text("default") if notice.texts is not None else notice.message)
    if len(text.encode()) > _MOST.get(platform, _MOST_ELSE):
        raise invalid(f"Message Reason: Invalid notification for protocol {platform}: Notification is too long")
    return text


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _wrapped(platform: str, text: str) -> str:
    if platform in _APPLE:
        return json.dumps({"aps": {"alert": text}}, ensure_ascii=False)
    if platform in _DATA:
        return json.dumps({"data": {"default": text}}, ensure_ascii=False)
    return json.dumps({"description": text}, ensure_ascii=False) if platform == "BAIDU" else text

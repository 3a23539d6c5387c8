"""Mails to subscribers: requests to confirm, and notifications, as text or as JSON.

https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from html import escape

from cumulet.kernel import Call

from .resources import Topic

_FROM = "no-reply@sns.amazonaws.com"
_POLICY = policy.SMTP.clone(max_line_length=998)


def ask(call: Call, topic: Topic, topic_arn: str, endpoint: str, link: str) -> None:
    """Ask somebody to confirm that mails are wanted."""
    subject = "AWS Notification - Subscription Confirmation"
    text = (f"You have chosen to subscribe to the topic:\n{topic_arn}\n\nTo confirm this subscription, visit the link below. "
            f"If this was in error, no action is necessary.\n{link}\n")
    html = (f"<p>You have chosen to subscribe to the topic:<br><b>{escape(topic_arn)}</b></p>\n<p>To confirm this "
            f"subscription, follow the link below. If this was in error, no action is necessary.<br><a href=\"{escape(link)}\">"
            "Confirm subscription</a></p>\n")
    message = _new(call, topic, endpoint, subject)
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    message.set_boundary(call.token(32))
    _send(call, message, endpoint, subject)


def notify(call: Call, topic: Topic, endpoint: str, subject: str | None, text: str, unsubscribe: str) -> None:
    """A notification, for people."""
    subject = subject or "AWS Notification Message"
    message = _new(call, topic, endpoint, subject)
    message.set_content(f"{text}\n\n--\nIf you wish to stop receiving notifications from this topic, visit the link below to "
                        f"unsubscribe:\n{unsubscribe}\n")
    _send(call, message, endpoint, subject)


def notify_json(call: Call, topic: Topic, endpoint: str, subject: str | None, envelope: str) -> None:
    """A notification or a request, for programs: the envelope is all that the mail says."""
    subject = subject or "AWS Notification Message"
    message = _new(call, topic, endpoint, subject)
    message.set_content(envelope)
    _send(call, message, endpoint, subject)


def _new(call: Call, topic: Topic, endpoint: str, subject: str) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = formataddr((topic.DisplayName or "AWS Notifications", _FROM))
    message["To"] = endpoint
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.fromtimestamp(call.now, UTC))
    message["Message-ID"] = f"<{call.uuid()}@sns.amazonaws.com>"
    return message


def _send(call: Call, message: EmailMessage, endpoint: str, subject: str) -> None:
    call.mail("mail", _FROM, [endpoint], subject, message.as_bytes())

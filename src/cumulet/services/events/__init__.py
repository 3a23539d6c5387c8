"""Amazon EventBridge: buses, rules with patterns and schedules, targets, archives, API destinations."""

from cumulet.kernel import Service

SERVICE = Service(api="events", principal="events.amazonaws.com", needs=("kinesis", "lambda", "logs", "sns", "sqs"))

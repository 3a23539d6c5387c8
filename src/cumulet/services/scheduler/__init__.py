"""Amazon EventBridge Scheduler: schedules that call any operation, once or again and again."""

from cumulet.kernel import Service

SERVICE = Service(api="scheduler", principal="scheduler.amazonaws.com", needs=("sqs",))

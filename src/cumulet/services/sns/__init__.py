"""Amazon Simple Notification Service: topics, subscriptions, filters; queues, web servers, mails, texts, pushes."""

from cumulet.kernel import Service

SERVICE = Service(api="sns", principal="sns.amazonaws.com", needs=("kms", "lambda", "logs", "sns", "sqs"))

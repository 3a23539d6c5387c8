"""Amazon Simple Notification Service: topics, subscriptions with filter policies, delivery to queues."""

from cumulet.kernel import Service

SERVICE = Service(api="sns", principal="sns.amazonaws.com", needs=("sqs",))

"""Amazon Simple Queue Service: standard and FIFO queues, dead letters, message moves."""

from cumulet.kernel import Service

SERVICE = Service(api="sqs", principal="sqs.amazonaws.com", needs=("kms",))

"""Amazon CloudWatch Logs: groups, streams, events in compressed blocks, filters, queries."""

from cumulet.kernel import Service

SERVICE = Service(api="logs", principal="logs.amazonaws.com", needs=("cloudwatch", "ec2", "kms", "lambda", "s3"))

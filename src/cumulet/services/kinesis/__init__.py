"""Amazon Kinesis Data Streams: shards that records are written to and read from in order."""

from cumulet.kernel import Service

SERVICE = Service(api="kinesis", principal="kinesis.amazonaws.com", needs=("kms",))

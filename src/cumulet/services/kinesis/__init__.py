"""Amazon Kinesis Data Streams: shards that records are written to and read from in order."""

from cumulet.kernel import Service

SERVICE = Service(api="kinesis", principal="kinesis.amazonaws.com", needs=("kms",),
                  absent={"*Channel*": "channels deliver to S3 and its tables as Firehose does, which is not there yet",
                          "*Queue*": "queues on streams are not there yet: a consumer keeps its own place in each shard"})

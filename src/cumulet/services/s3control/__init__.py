"""Amazon S3 Control: what an account says of all its buckets."""

from cumulet.kernel import Service

SERVICE = Service(api="s3control", principal="s3.amazonaws.com")

"""Amazon S3: buckets and objects, parts and versions, listings and checksums."""

from cumulet.kernel import Service

SERVICE = Service(api="s3", principal="s3.amazonaws.com",
                  needs=("cloudwatch", "kms", "lambda", "s3", "s3control", "s3tables", "sns", "sqs"),
                  absent={"GetObjectTorrent": "AWS gave up BitTorrent in 2022"})

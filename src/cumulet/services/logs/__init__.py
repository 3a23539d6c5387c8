"""Amazon CloudWatch Logs: groups, streams, events in compressed blocks, filters, queries."""

from cumulet.kernel import Service

SERVICE = Service(api="logs", principal="logs.amazonaws.com", needs=("cloudwatch", "ec2", "kinesis", "kms", "lambda", "s3"),
                  absent={"*S3TableIntegration": "S3 Tables do not take logs",
                          "*Integration": "there is no OpenSearch Service",
                          "ListIntegrations": "there is no OpenSearch Service",
                          "*ImportTask*": "there is no CloudTrail Lake to import from"})

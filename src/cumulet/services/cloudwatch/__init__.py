"""CloudWatch metrics: custom metrics, statistics and percentiles over them, with AWS's retention."""

from cumulet.kernel import Service

SERVICE = Service(api="cloudwatch", principal="cloudwatch.amazonaws.com",
                  absent={"*": "of CloudWatch there are metrics, and the insight rules of DynamoDB"})

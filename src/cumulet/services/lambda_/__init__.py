"""Lambda: functions, versions, aliases and permissions, and their code running in sandboxes."""

from cumulet.kernel import Service

SERVICE = Service(api="lambda", principal="lambda.amazonaws.com",
                  needs=("cloudwatch", "dynamodbstreams", "events", "kinesis", "kms", "logs", "s3", "sns", "sqs", "sts"),
                  absent={"*FunctionScalingConfig": "no function runs on a capacity provider",
                          "ListFunctionVersionsByCapacityProvider": "no function runs on a capacity provider"})

"""DynamoDB: tables, items, indexes, the expression language, transactions, time to live; and its streams."""

from cumulet.kernel import Service

SERVICE = Service(api="dynamodb", principal="dynamodb.amazonaws.com", also=("dynamodbstreams",),
                  needs=("application_autoscaling", "dynamodb", "iam", "kinesis", "kms", "logs", "s3"))

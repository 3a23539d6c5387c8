"""DynamoDB: tables, items, indexes, the expression language, transactions, time to live; and its streams."""

from cumulet.kernel import Service

SERVICE = Service(api="dynamodb", principal="dynamodb.amazonaws.com", needs=("dynamodb", "iam", "kinesis", "kms", "logs", "s3"),
                  also=("dynamodbstreams",),
                  absent={"*TableReplicaAutoScaling": "there is no Application Auto Scaling"})

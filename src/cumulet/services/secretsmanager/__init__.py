"""AWS Secrets Manager: secrets, their versions and stages, rotation, replicas, policies."""

from cumulet.kernel import Service

SERVICE = Service(api="secretsmanager", principal="secretsmanager.amazonaws.com",
                  needs=("kms", "lambda", "organizations", "secretsmanager"))

"""Application Auto Scaling: capacity of tables, indexes and functions that follows their load or a schedule."""

from cumulet.kernel import Service

SERVICE = Service(api="application-autoscaling", principal="application-autoscaling.amazonaws.com",
                  needs=("cloudwatch", "dynamodb", "iam", "lambda"),
                  absent={"GetPredictiveScalingForecast": "predictive scaling is for ECS alone, which is not here"})

"""Takes a payment once for each order, however often it is asked: Powertools' idempotency, parameters, logger and metrics."""

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent

logger, metrics = Logger(service="till"), Metrics(namespace="Till", service="till")
till = boto3.resource("dynamodb").Table("till")
once = IdempotencyConfig(event_key_jmespath="order", payload_validation_jmespath="amount", raise_on_no_idempotency_key=True,
                         expires_after_seconds=3600)


@logger.inject_lambda_context
@metrics.log_metrics
@idempotent(config=once, persistence_store=DynamoDBPersistenceLayer(table_name="idempotency"))
def handler(event, context):
    if event.get("broken"):
        raise RuntimeError("the till is jammed")
    taken = till.update_item(Key={"id": "taken"}, UpdateExpression="ADD payments :one, amount :amount", ReturnValues="ALL_NEW",
                             ExpressionAttributeValues={":one": 1, ":amount": event["amount"]})["Attributes"]
    logger.info("paid", extra={"order": event["order"]})
    metrics.add_metric(name="Payments", unit=MetricUnit.Count, value=1)
    return {"payment": int(taken["payments"]), "currency": parameters.get_parameter("/till/currency")}

"""DynamoDB's API, a file a noun."""

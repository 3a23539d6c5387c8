"""The operations of API Gateway version 2, a file a noun."""

"""API Gateway's operations, a file a noun."""

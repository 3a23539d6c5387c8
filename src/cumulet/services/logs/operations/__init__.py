"""The API of CloudWatch Logs, a file a noun."""

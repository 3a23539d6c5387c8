"""The operations of IAM Access Analyzer, a file a noun."""

"""The operations of IAM, by noun."""

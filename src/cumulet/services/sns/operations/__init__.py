"""The operations of SNS, by noun."""

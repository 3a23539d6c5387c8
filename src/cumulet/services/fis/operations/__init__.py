"""The operations of FIS, by noun."""

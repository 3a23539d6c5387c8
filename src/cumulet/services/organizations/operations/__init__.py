"""The operations of Organizations, by noun."""

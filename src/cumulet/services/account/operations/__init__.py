"""The operations of Account Management."""

"""The API of EventBridge, a file a noun."""

"""WebSockets that clients of APIs hold open."""

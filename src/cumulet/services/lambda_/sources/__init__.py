"""Sources of events: what takes records from queues and streams and gives them to functions."""

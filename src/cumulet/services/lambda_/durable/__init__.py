"""Durable executions: functions that are invoked again and again until their work is done, and told each
time what they did so far."""

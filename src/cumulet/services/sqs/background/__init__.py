"""What happens unasked in SQS: expired messages are swept, dead letters moved back."""

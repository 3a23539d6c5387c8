"""Faults that somebody asks for: errors, throttling, latency, cut connections, a region away."""

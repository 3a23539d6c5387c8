"""Labs: walkthroughs with checks. A folder a lab; each attempt lives in accounts of its own, so it never meets other work."""

"""The console at `/_console/`: a page for people, and what it asks the server."""

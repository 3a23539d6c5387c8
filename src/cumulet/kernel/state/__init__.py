"""What one does with a whole state: keep it, put it back, hand it on, copy it for another cloud, tell two apart."""

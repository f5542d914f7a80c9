"""What can be wrong with the server, by name."""

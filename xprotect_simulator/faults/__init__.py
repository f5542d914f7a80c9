"""The faults of the simulated server, by name."""

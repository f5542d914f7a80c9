"""Alarms of the simulated site: how they come up, how they are handled, and REST."""

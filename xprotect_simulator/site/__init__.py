"""The configuration of the simulated site: items, event types and their changes."""

"""Scenarios: events that happen by themselves, the same for the same seed."""

"""Scenarios: events without any request, the same for the same seed."""

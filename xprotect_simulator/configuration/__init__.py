"""The Configuration API."""

"""Alarms of the simulated site: raising them, handling them, and the REST API."""

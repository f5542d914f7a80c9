"""Alarms in Home Assistant."""

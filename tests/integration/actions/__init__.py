"""Tests of the actions that trigger and read events."""

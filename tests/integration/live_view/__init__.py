"""Tests of the live view in Home Assistant's own dialog."""

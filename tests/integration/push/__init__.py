"""Tests of pushed events in Home Assistant."""

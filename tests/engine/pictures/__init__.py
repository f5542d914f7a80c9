"""Tests of fetching the pictures of events."""

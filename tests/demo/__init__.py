"""Tests of what the demo works out by itself; the browser tests look at its pages."""

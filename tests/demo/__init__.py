"""Tests of the demo's own calculations; the browser tests check its pages."""

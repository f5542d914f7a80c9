"""Tests of the devices of a site."""

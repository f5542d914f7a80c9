"""Tests of still pictures, from recording servers and the gateway."""

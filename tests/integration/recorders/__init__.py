"""Tests of recording servers."""

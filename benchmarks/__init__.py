"""Measurements, each together with a floor that is measured in the same run."""

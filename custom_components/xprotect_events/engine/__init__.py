"""Decides what events mean, and which were already delivered.

It imports only the public names of `api`, and has no clock of its own.
"""

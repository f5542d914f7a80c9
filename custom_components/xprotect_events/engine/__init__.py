"""What events mean and which were already delivered.

Imports the client's public names and nothing else; has no clock of its own.
"""

"""The demo: a simulated XProtect server, and a Home Assistant connected to it."""

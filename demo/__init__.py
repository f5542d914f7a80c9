"""A simulated XProtect server and a Home Assistant that listens to it."""

"""What exists at the simulated site: things, event types, and how they change."""

"""The Events REST API: events, event sessions, triggering."""

"""The events of the site, and which of them are stored."""

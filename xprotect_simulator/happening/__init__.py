"""What happens at the site, and what of it is stored."""

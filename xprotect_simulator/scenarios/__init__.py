"""What happens at the site by itself, repeatable by the seed."""

"""What somebody has to put right."""

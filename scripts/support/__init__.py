"""What the scripts share; runs on Python 3.11 and needs no packages."""

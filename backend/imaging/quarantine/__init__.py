"""Studies that could not come in: their files are kept for a while, to be tried again or dropped."""

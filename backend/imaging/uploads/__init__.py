"""Files on their way from a browser: one resumable stream for each import, written to disk under numbers."""

"""Untrusted files are opened here, in a process of their own that knows neither Django, database nor network."""

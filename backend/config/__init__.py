"""Environment, settings, routes and processes."""

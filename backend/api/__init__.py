"""The web API: routes, authentication, error mapping, pagination."""

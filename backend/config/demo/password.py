"""The demo's one password. On its own, so that the supervisor can print it without loading Django."""

PASSWORD = "ninefold-demo"  # noqa: S105 - of fictitious users, on this machine alone

"""Set-up of a checkout: Python environment, front end, browser. Standard library only: it runs first."""

"""The demo project, and a simulation of people: phantoms in, through the same services as everybody."""

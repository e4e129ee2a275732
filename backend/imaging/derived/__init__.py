"""Images computed from a volume's phases on demand: subtractions, enhancement, wash-out, projections."""

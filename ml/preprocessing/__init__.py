"""What is computed from a volume's phases: derived channels, and phases moved onto the first."""

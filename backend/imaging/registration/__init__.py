"""Phases moved onto the first one, kept beside the original ones until a manager puts them to use."""

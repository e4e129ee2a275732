"""The web API of annotation: tasks, masks, revisions."""

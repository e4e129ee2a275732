"""DICOM in: headers read tolerantly, images grouped and stacked strictly, identities left behind."""

"""Numeric half of Ninefold: phantom, geometry, label maps, metrics, query scores and nnU-Net runs. Knows no Django."""

"""How vectors are written into the reference files."""

import numpy


def shortest(values):
    """The shortest decimals that read back as the same float32: 9 significant digits at most."""
    return [float(str(value)) for value in numpy.asarray(values).astype(numpy.float32)]

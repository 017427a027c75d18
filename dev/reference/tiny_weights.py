"""The weights that all tiny models share: random, from a fixed seed.

They are multiples of small powers of two, so that sums over up to 512 tokens are exact in float32 in every order
of addition: a text's hidden states are the same to the last bit in any batch.
"""

import numpy

SIZE = 8
ROWS = 97
POSITIONS = 31

_random = numpy.random.default_rng(20)


def _fractions(lowest, highest, denominator, shape):
    numerators = _random.integers(int(lowest * denominator), int(highest * denominator), size=shape, endpoint=True)
    return (numerators / denominator).astype(numpy.float32)


# Token ids share the rows, id modulo 97. Row 0 is that of [PAD]: far out, so that padding that leaks is noticed.
TOKENS = _fractions(-1, 1, 64, (ROWS, SIZE))
TOKENS[0] = 4.0
# Positions share the rows, position modulo 31. They multiply, so that even a mean depends on the words' order.
GAINS = _fractions(0.5, 1.5, 8, (POSITIONS, SIZE))
TYPES = _fractions(-1, 1, 64, (2, SIZE))
# How much of the text's mean each token's hidden state takes in: what attention does in a real model.
MIX = _fractions(0.25, 1, 8, (SIZE,))
# Of the models that pool by themselves: their vector is not the plain mean of their token embeddings.
HEAD = _fractions(0.25, 1, 8, (SIZE,)) * numpy.array([1, -1] * (SIZE // 2), dtype=numpy.float32)
CLASSES = _fractions(-1, 1, 8, (SIZE, 2))
BOXES = _fractions(-1, 1, 8, (SIZE, 16))
# Of the models with a sublayer, a residual connection and layer normalisations around them.
DENSE = _fractions(-1, 1, 8, (SIZE, SIZE))
BIAS = _fractions(-1, 1, 8, (SIZE,))
SCALE = _fractions(0.5, 1.5, 8, (SIZE,))
SHIFT = _fractions(-0.5, 0.5, 8, (SIZE,))

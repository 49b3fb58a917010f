"""Small pieces of text processing that Keras and scikit-learn do not spell out."""

from collections.abc import Iterable, Sequence

import numpy as np


def vectorize_sequences(
    sequences: Sequence[Iterable[int]], dimension: int = 10_000, dtype: str = "uint8"
) -> np.ndarray:
    """Turn lists of word numbers into multi-hot rows.

    Args:
        sequences: n lists of integers in ``[0, dimension)``.
        dimension: width of a row, the size of the vocabulary.
        dtype: one byte a cell by default; ``float64`` takes eight times as much.

    Returns:
        Array of shape ``(n, dimension)``: 1 where the number occurs, else 0.

    Raises:
        ValueError: a number is outside ``[0, dimension)``.
    """
    results = np.zeros((len(sequences), dimension), dtype=dtype)
    for row, sequence in enumerate(sequences):
        index = np.asarray(list(sequence), dtype="int64")
        if index.size and (index.min() < 0 or index.max() >= dimension):
            raise ValueError(
                f"sequence {row} holds a word number outside 0..{dimension - 1}; "
                "load the data with num_words equal to dimension"
            )
        results[row, index] = 1
    return results


def ngrams(tokens: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """Return every run of ``n`` neighbouring tokens, in order.

    A text of m tokens has ``max(0, m - n + 1)`` of them.

    Raises:
        ValueError: ``n`` is not positive.
    """
    if n < 1:
        raise ValueError("n must be at least 1")
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]

"""What one submission may take: the only place. The homework's page and the book repeat it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of one box."""

    seconds: float = 3600  # the whole notebook
    cell_seconds: float = 1800  # one cell; the cells after it still run
    memory_mb: int = 6000
    processes: int = 400  # threads count
    disk_mb: int = 512  # /tmp, in memory
    output_mb: int = 20  # printed text
    result_mb: int = 400  # data handed to the checks

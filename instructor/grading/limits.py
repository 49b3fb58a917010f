"""What one submission may take: the only place. The homework's page and the manual repeat it.

Time is CPU seconds, so that a busy machine costs a student nothing. Wall time ends only what does
nothing (a sleep, a deadlock) and, far out, what the count of CPU seconds cannot see.
"""

from dataclasses import dataclass

FAR = 10  # times the CPU seconds: the wall time after which anything ends
IDLE = 3  # times a cell's: the same for a whole box, should it have put the cell's clock off


@dataclass(frozen=True)
class Limits:
    """The limits of one box."""

    seconds: float = 7200  # of CPU, all processes together: an hour on two cores
    cell_seconds: float = 3600  # of CPU, one cell; the cells after it still run
    idle_seconds: float = 1800  # of wall time in a cell with hardly any CPU used: it only waits
    memory_mb: int = 6000
    processes: int = 400  # threads count
    disk_mb: int = 512  # /tmp, in memory
    output_mb: int = 20  # printed text
    result_mb: int = 400  # data handed to the checks

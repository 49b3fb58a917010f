"""What handing in late costs."""

import math
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Deadline:
    """When the homework was due, and how many percent of the points each day begun costs."""

    due: datetime | None = None
    percent: float = 0.0

    def __post_init__(self):
        if not 0 <= self.percent <= 100:  # NaN fails here too
            raise ValueError(f"a penalty of {self.percent} percent a day: say 0 to 100")
        if self.percent and self.due is None:
            raise ValueError("a penalty needs a deadline: say DUE=2026-12-01T23:59+09:00 too")

    def penalty(self, points: float, timestamp: datetime) -> float:
        """Points taken off: never more than were earned."""
        if self.due is None or not self.percent:
            return 0.0
        days = max(0, math.ceil((timestamp - self.due).total_seconds() / 86400))
        return round(points * min(1.0, days * self.percent / 100), 2)

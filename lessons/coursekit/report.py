"""What a lesson says of its numbers: they travel from a run into the prose.

A lesson stores a value once with :func:`glue` and names it as often as it likes in the text of
:func:`say` and in the alternative text of a picture. The text is no part of the computation:
``make prose`` renders it again from the stored values, without a run.
"""

import re
import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown, display

GLUE = "application/papermill.record/"  # MyST-NB's own format, so that {glue:text} finds a value
PROSE = {"course": "prose"}  # the metadata of an output that `say` made
CAPTION = {"course": "caption"}  # of a figure's caption, below its picture

_values: dict[str, Any] = {}  # of this kernel
_ROLES = re.compile(r"(?<!`)\{([\w:-]+)\}(?=`)")  # {cite}`key` is MyST's, no value
_PARTICLES = re.compile(r"(\d)(%?\**)(은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로)")


def glue(**values: Any) -> None:
    """Store numbers and texts (else TypeError) in the outputs, and for the prose of this run."""
    for name, value in values.items():
        value = value.item() if isinstance(value, np.generic) else value
        if not isinstance(value, (bool, int, float, str)):
            raise TypeError(f"{name} is a {type(value).__name__}: glue a number or a text")
        _values[name] = value
        data = {GLUE + "text/plain": repr(value)}
        display(data, raw=True, metadata={"scrapbook": {"name": name, "mime_prefix": GLUE}})


def say(prose: str) -> None:
    """Show prose with the numbers of this very run: one plain string, see :func:`fill`."""
    display(Markdown(fill(prose)), metadata=PROSE)


def fill(text: str, values: Mapping[str, Any] | None = None) -> str:
    """Put glued values where a text says ``{name}`` or ``{name:.3f}``; take off its indentation.

    After a number ``은(는)``, ``이(가)``, ``을(를)``, ``과(와)``, ``(으)로`` become the particle
    that its last digit asks for. ``values`` default to this kernel's; a missing one is a KeyError.
    """
    text = _ROLES.sub(r"{{\1}}", textwrap.dedent(text).strip())
    try:
        filled = text.format_map(_values if values is None else values)
    except KeyError as error:
        name = error.args[0]
        raise KeyError(f"no value {name!r}: report.glue({name}=…) in an earlier cell") from None
    return _PARTICLES.sub(_particle, filled)


def _particle(match: re.Match) -> str:
    digit, between, choice = match.groups()
    # As read aloud: 0 영, 1 일, 3 삼, 6 육, 7 칠, 8 팔 end in a consonant, 1 7 8 in ㄹ; % does not.
    closed = digit in "013678" and "%" not in between
    if choice == "(으)로":
        return digit + between + ("으로" if closed and digit not in "178" else "로")
    return digit + between + choice[0 if closed else 2]


def table(rows: Any, digits: int | Mapping[str, int] = 3) -> None:
    """Show results as a table: ``rows`` are a DataFrame, or what makes one.

    Floats get so many ``digits`` (for all columns, or by column), whole numbers commas, None and
    NaN a dash; texts stay as they are. The index is not shown.
    """

    def cell(value: Any, name: str) -> str:
        places = digits if isinstance(digits, int) else digits.get(name, 3)
        if isinstance(value, str) or pd.isna(value):
            return value if isinstance(value, str) else "—"
        return f"{value:,.{places}f}" if isinstance(value, float) else f"{value:,}"

    frame = pd.DataFrame(rows)
    sides = [":--" if frame[name].dtype in (object, "str") else "--:" for name in frame]
    cells = [list(map(cell, row, frame)) for row in frame.astype(object).to_numpy()]
    lines = [list(map(str, frame)), sides, *cells]
    display(Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines)))


MOVED = ("set_seed", "Timer", "Progress", "majority_baseline", "linear_baseline")


def __getattr__(name: str) -> Any:
    """What lessons that are not told again yet still find here; it stands in coursekit.train."""
    if name not in MOVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from coursekit import train

    if name == "set_seed":
        train.skip_autotune()
    return getattr(train, name)

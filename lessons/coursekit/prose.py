"""Numbers that travel from a run into the prose.

A lesson stores a value once with :func:`glue` and names it as often as it likes in the text of
:func:`say` and in the alternative text of a picture. The text is no part of the computation:
``make prose`` renders it again from the stored values, without a run.
"""

import re
import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
from IPython.display import Markdown, display

GLUE = "application/papermill.record/"  # MyST-NB's own format, so that {glue:text} finds a value
PROSE = {"course": "prose"}  # the metadata of an output that `say` made

_values: dict[str, Any] = {}  # of this kernel
_ROLES = re.compile(r"(?<!`)\{([\w:-]+)\}(?=`)")  # {cite}`key` is MyST's, no value
_PARTICLES = re.compile(r"(\d)(%?\**)(은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로)")


def glue(**values: Any) -> None:
    """Store values in the notebook's outputs, and for the prose of this run; show nothing.

    Args:
        **values: numbers or texts, each under one name of the lesson; NumPy scalars become
            Python ones.

    Raises:
        TypeError: a value is neither a number nor a text.
    """
    for name, value in values.items():
        value = value.item() if isinstance(value, np.generic) else value
        if not isinstance(value, (bool, int, float, str)):
            raise TypeError(f"{name} is a {type(value).__name__}: glue a number or a text")
        _values[name] = value
        display(
            {GLUE + "text/plain": repr(value)},
            raw=True,
            metadata={"scrapbook": {"name": name, "mime_prefix": GLUE}},
        )


def say(prose: str) -> None:
    """Show prose with the numbers of this very run.

    Args:
        prose: one plain string of Markdown, with ``{name}`` or ``{name:.3f}`` where a glued value
            goes; see :func:`fill`.
    """
    display(Markdown(fill(prose)), metadata=PROSE)


def fill(text: str, values: Mapping[str, Any] | None = None) -> str:
    """Put glued values into a text.

    After a number ``은(는)``, ``이(가)``, ``을(를)``, ``과(와)``, ``(으)로`` become the particle
    that its last digit asks for.

    Args:
        text: what :func:`say` and ``plots.show`` take; its indentation is removed.
        values: by name; those glued in this kernel unless given.

    Raises:
        KeyError: a name that nobody glued; the message says what to do.
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
    with_consonant, without = choice[0], choice[2]
    return digit + between + (with_consonant if closed else without)


def table(rows: Any, digits: int | Mapping[str, int] = 3) -> None:
    """Show results as a table.

    Args:
        rows: a DataFrame without its index, or what makes one: a dictionary column -> values.
        digits: decimal places of the floats, for all columns or by column. Whole numbers get
            commas, None and NaN a dash, texts stay as they are.
    """
    import pandas as pd

    frame = pd.DataFrame(rows)
    places = digits if isinstance(digits, Mapping) else dict.fromkeys(frame.columns, digits)

    def shown(value: Any, places: int) -> str:
        if isinstance(value, str):
            return value
        if pd.isna(value):
            return "—"
        return f"{value:,.{places}f}" if isinstance(value, (float, np.floating)) else f"{value:,}"

    texts = [
        [shown(value, places.get(name, 3)) for value in frame[name].tolist()] for name in frame
    ]
    lines = [[str(name) for name in frame.columns]]
    lines.append([":--" if frame[name].dtype in (object, "str") else "--:" for name in frame])
    lines += [list(row) for row in zip(*texts, strict=True)]
    display(Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines)))

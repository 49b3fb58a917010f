"""What a lesson says of its numbers: they travel from a run into the prose.

A lesson stores a value once with :func:`glue` and names it as often as it likes in the text of
:func:`say` and in the alternative text of a picture. The text is no part of the computation:
tools/derive.py renders it again from the stored values, without a run.
"""

import dataclasses
import json
import re
import textwrap
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import Markdown, display

GLUE = "application/papermill.record/"  # of a type that no notebook and no book shows
PROSE = {"course": "prose"}  # the metadata of an output that `say` made
CAPTION = {"course": "caption"}  # of a figure's caption, below its picture

_values: dict[str, Any] = {}  # of this kernel
_ROLES = re.compile(r"(?<!`)\{([\w:-]+)\}(?=`)")  # {cite}`key` is MyST's, no value
_PARTICLES = re.compile(
    r"([0-9A-Za-z가-힣])(%?[*`]*)(은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로)"
)


def glue(**values: Any) -> None:
    """Store numbers, texts, lists of numbers and what `train.paired` returns, for the prose."""
    for name, value in values.items():
        value = _plain(name, value)
        _values[name] = value
        data = {GLUE + "text/plain": json.dumps(value, ensure_ascii=False)}
        display(data, raw=True, metadata={"scrapbook": {"name": name, "mime_prefix": GLUE}})


def _plain(name: str, value: Any) -> Any:
    """A value as JSON has it; a TypeError where it is nothing that a text can say."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {key: _plain(name, part) for key, part in dataclasses.asdict(value).items()}
    if isinstance(value, (list, tuple, np.ndarray)) and np.size(value):
        parts = [_plain(name, part) for part in value]
        if all(isinstance(part, (int, float)) for part in parts):
            return parts
    value = value.item() if isinstance(value, np.generic) else value
    if not isinstance(value, (bool, int, float, str)):
        raise TypeError(f"{name} is a {type(value).__name__}: glue a number, numbers or a text")
    return value


def say(prose: str) -> None:
    """Show prose with the numbers of this very run: one plain string, see :func:`fill`."""
    display(Markdown(fill(prose)), metadata=PROSE)


def fill(text: str, values: Mapping[str, Any] | None = None) -> str:
    """Put glued values where a text says ``{name}`` or ``{name:.3f}``; take off its indentation.

    Of a list a text says ``{name.low:.3f}``, ``{name.high:.3f}`` or ``{name.mean:.3f}``, of a
    :class:`coursekit.train.Difference` ``{name.difference:+.3f}`` or ``{name.verdict}``.
    After a number or a word ``은(는)``, ``이(가)``, ``을(를)``, ``과(와)``, ``(으)로`` become the
    particle that its end asks for; after one whose reading is not sure they stay. ``values``
    default to this kernel's; a missing one is a KeyError.
    """
    text = _ROLES.sub(r"{{\1}}", textwrap.dedent(text).strip())
    values = _values if values is None else values
    try:
        filled = text.format_map({name: _said(value) for name, value in values.items()})
    except KeyError as error:
        name = error.args[0]
        raise KeyError(f"no value {name!r}: report.glue({name}=…) in an earlier cell") from None
    except (AttributeError, TypeError) as error:
        raise ValueError(f"{error}: of a list say {{name.low}}, .high or .mean") from None
    return _PARTICLES.sub(_particle, filled)


def _said(value: Any) -> Any:
    """A stored value as a text may name it."""
    if isinstance(value, list):
        return SimpleNamespace(low=min(value), high=max(value), mean=sum(value) / len(value))
    return SimpleNamespace(**value) if isinstance(value, dict) else value


def _particle(match: re.Match) -> str:
    _, between, choice = match.groups()
    end = "" if "%" in between else _end(match.string[: match.end(1)])
    if end is None:
        return match[0]
    if choice == "(으)로":
        return match[1] + between + ("으로" if end and end != "ㄹ" else "로")
    return match[1] + between + choice[0 if end else 2]


def _end(text: str) -> str | None:
    """The sound that closes the last syllable of a text as read aloud: "ㄹ", "ㅇ" for any other
    consonant, "" for none. None where a Latin word may be read in either way.
    """
    last = text[-1]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "ㄹ" if final == 8 else "ㅇ" if final else ""
    if last.isdigit():  # 영 일 이 삼 사 오 육 칠 팔 구
        return {"1": "ㄹ", "7": "ㄹ", "8": "ㄹ"}.get(last, "ㅇ" if last in "036" else "")
    if last.isupper():  # a letter by its name: 엘 엠 엔 알
        return {"L": "ㄹ", "R": "ㄹ", "M": "ㅇ", "N": "ㅇ"}.get(last, "")
    for ends, sound in (("ng", "ㅇ"), ("me", "ㅇ"), ("ne", "ㅇ"), ("le", "ㄹ"), ("l", "ㄹ")):
        if text.endswith(ends):
            return sound
    return "ㅇ" if last in "mn" else "" if last in "adefiorsuvwxyz" else None


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

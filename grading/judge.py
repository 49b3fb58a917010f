"""Judge what one submission handed over: a process of its own, in which no student's code runs.

Standard input: JSON with the grade cells' checks and the paths of the bytes and of the truth.
Standard output: JSON with points and messages for each grade cell.

The bytes are read with suspicion: known names only, the first value of a name counts, sizes and
depth are limited, arrays hold numbers only, nothing is unpickled.
"""

import ast
import io
import json
import math
import re
import resource
import sys
from pathlib import Path

import numpy as np

LINE_MAX = 8 << 20
ARRAY_MAX = 128 << 20
DEPTH_MAX = 30


def depth(text: bytes) -> int:
    """How deep the brackets of a JSON text are nested, those inside strings left out."""
    deepest = level = 0
    bare = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", text)
    for byte in re.findall(rb"[\[\]{}]", bare):
        level += 1 if byte in b"[{" else -1
        deepest = max(deepest, level)
    return deepest


def read_array(content: bytes) -> np.ndarray:
    """Read an .npy file of plain numbers.

    Raises:
        ValueError: no .npy file, objects in it, or a shape that its bytes do not fill.
    """
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an unknown version of .npy")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.hasobject or dtype.kind not in "biuf" or len(shape) > 6:
        raise ValueError("no array of plain numbers")
    rest = content[stream.tell() :]
    if math.prod(shape) * dtype.itemsize != len(rest):
        raise ValueError("the shape does not fit the bytes")
    return np.frombuffer(rest, dtype).reshape(shape, order="F" if fortran else "C")


def read(content: bytes, expected: dict[str, set[str]]) -> tuple[dict, dict, dict, bool]:
    """Return values and what is missing (check -> name -> …), errors by cell, and "finished"."""
    values: dict = {check: {} for check in expected}
    missing: dict = {check: {} for check in expected}
    errors: dict[int, str] = {}
    finished, at = False, 0
    while at < len(content):
        end = content.find(b"\n", at, at + LINE_MAX)
        if end < 0:
            break
        line, at = content[at:end], end + 1
        try:
            if depth(line) > DEPTH_MAX:
                continue
            frame = json.loads(line)
            check, name = frame.get("check"), frame.get("name")
            if "npy" in frame:
                size = frame["npy"]
                if type(size) is not int or not 0 <= size <= ARRAY_MAX:
                    continue
                body, at = content[at : at + size], at + size
            if isinstance(number := frame.get("cell"), int):
                errors.setdefault(number, str(frame.get("error", "")))
            finished |= frame.get("finished") is True
            if name not in expected.get(check, ()) or name in values[check] | missing[check]:
                continue
            if "npy" in frame:
                values[check][name] = read_array(body)
            elif "json" in frame:
                values[check][name] = frame["json"]
            else:
                missing[check][name] = str(frame.get("missing"))
        except (ValueError, TypeError, AttributeError, RecursionError, MemoryError):
            continue  # not one of our frames: the next line may be one
    return values, missing, errors, finished


def award(check: dict, values: dict, missing: dict, truth: dict) -> dict:
    """Run one grade cell's hidden tests on the values: full points, part of them, or none.

    As in nbgrader, the value of a last expression is the points; otherwise no error is full marks.
    """
    alarms: list[str] = []
    most = check["points"]
    result = {"check": check["name"], "title": check["title"], "max": most, "points": 0.0}
    namespace = {**truth, "np": np, "alarm": alarms.append, **values}
    tree = ast.parse(check["code"])
    last = tree.body[-1] if tree.body else None
    value = ast.Expression(tree.body.pop().value) if isinstance(last, ast.Expr) else None
    file = f"<{check['name']}>"
    try:
        exec(compile(tree, file, "exec"), namespace)
        points = most
        if value is not None:
            points = float(eval(compile(value, file, "eval"), namespace))
        result["points"] = min(max(points, 0.0), most) if math.isfinite(points) else 0.0
        result["message"] = str(namespace.get("message", ""))
    except AssertionError as error:
        result["message"] = str(error) or "기대한 값이 아닙니다."
    except NameError as error:
        if error.name not in check["collect"]:
            raise
        why = missing.get(error.name, "")
        why = f": {why}" if why else ". 앞의 셀에서 실행이 멈췄을 수 있습니다."
        result["message"] = f"이 부분의 값을 얻지 못했습니다{why}"
    except Exception as error:  # the values are of another kind than the checks expect
        result["message"] = f"값의 종류나 모양이 기대와 다릅니다. ({type(error).__name__})"
    return result | {"alarms": alarms}


def main() -> None:
    job = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
    truth = json.loads(Path(job["truth"]).read_text("utf-8"))
    content = Path(job["handed_in"]).read_bytes()
    expected = {check["name"]: set(check["collect"]) for check in job["checks"]}
    values, missing, errors, finished = read(content, expected)
    results = [
        award(check, values[check["name"]], missing[check["name"]], truth)
        for check in job["checks"]
    ]
    json.dump({"checks": results, "errors": errors, "finished": finished}, sys.stdout)


if __name__ == "__main__":
    main()

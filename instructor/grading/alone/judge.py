"""Judge what one submission handed over: a process of its own, in which no student's code runs.

Standard input: a line of JSON (the job, with the lengths of what follows), the truth as JSON, the
bytes handed over, the bytes of the second run (rerun.py). Nothing is written to a disk.
Standard output: JSON with points and messages for each grade cell; or, asked to "pick", a line of
JSON and the last network and sequences that were handed over, as .npy files.

The bytes are read with suspicion: known names only, the first value of a name counts, sizes and
depth are limited, arrays hold numbers only, nothing is unpickled.
"""

import ast
import contextlib
import io
import json
import math
import resource
import sys

import numpy as np

LINE_MAX = 8 << 20
JSON_MAX = 32 << 20  # all lines together: as Python's objects they take twenty times as much
FRAMES_MAX = 10_000
ARRAY_MAX = 256 << 20
DEPTH_MAX = 30
TEXT_MAX = 2000  # characters of a message or an error
ERRORS_MAX = 20
PROSE_MAX = 20_000
MEMORY = 6 << 30


def too_deep(value: object) -> bool:
    """Whether lists and dictionaries are nested too deeply: level by level, no recursion."""
    level = [value]
    for _ in range(DEPTH_MAX):
        inner = [list(item.values()) if isinstance(item, dict) else item for item in level]
        level = [item for items in inner if isinstance(items, list) for item in items]
    return any(isinstance(item, (list, dict)) for item in level)


def read_array(content: bytes) -> np.ndarray:
    """Read an .npy file of plain numbers.

    Raises:
        ValueError: no .npy file, objects in it, or a shape that its bytes do not fill.
    """
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an unknown version of .npy")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    if fortran or dtype.kind not in "biuf" or len(shape) > 6:
        raise ValueError("no array of plain numbers")
    rest = content[stream.tell() :]
    if min(shape, default=1) < 0 or math.prod(shape) * dtype.itemsize != len(rest):
        raise ValueError("the shape does not fit the bytes")
    return np.frombuffer(rest, dtype).reshape(shape)


def read(content: bytes, expected: dict[str, set[str]]) -> tuple[dict, dict, dict, bool]:
    """Return values and what is missing (check -> name -> …), errors by cell, and "finished"."""
    values: dict = {check: {} for check in expected}
    missing: dict = {check: {} for check in expected}
    errors: dict[int, str] = {}
    finished, at, room = False, 0, JSON_MAX
    for _ in range(FRAMES_MAX):
        end = content.find(b"\n", at, at + min(LINE_MAX, room))
        if end < 0:
            break
        line, at, room = content[at:end], end + 1, room - (end - at)
        try:
            frame = json.loads(line)
            if too_deep(frame):
                continue
            check, name = frame.get("check"), frame.get("name")
            if "npy" in frame:
                size = frame["npy"]
                if type(size) is not int or not 0 <= size <= len(content) - at:
                    continue
                body, at = content[at : at + size], at + size
                if size > ARRAY_MAX:
                    del frame["npy"]
                    frame["missing"] = f"값이 너무 큽니다({size >> 20} MB)."
            number, text = frame.get("cell"), frame.get("error")
            if type(number) is int and number >= 0 and text and len(errors) < ERRORS_MAX:
                errors.setdefault(number, str(text)[:TEXT_MAX])
            finished |= frame.get("finished") is True
            if name not in expected.get(check, ()) or name in values[check] | missing[check]:
                continue
            if "npy" in frame:
                values[check][name] = read_array(body)
            elif "json" in frame:
                values[check][name] = frame["json"]
            else:
                missing[check][name] = str(frame.get("missing"))[:TEXT_MAX]
        except Exception:  # not one of our frames: the next line may be one
            continue
    return values, missing, errors, finished


def pick(content: bytes, checks: list[str]) -> tuple[dict[str, np.ndarray], str]:
    """The network to run once more and what to run it on, or why there is none.

    The last one that came counts: training may have gone on between two checks.
    """
    values, missing, *_ = read(content, {check: {"network", "sequences"} for check in checks})
    last = {}
    for found in values.values():
        network, sequences = found.get("network"), found.get("sequences")
        if isinstance(network, np.ndarray) and network.dtype == np.uint8 and network.ndim == 1:
            last["network"] = network
        whole = isinstance(sequences, np.ndarray) and sequences.dtype.kind == "i"
        if whole and sequences.ndim == 2 and len(sequences):
            last["sequences"] = sequences
    why = [text for found in missing.values() for text in found.values() if text]
    return (last, "") if len(last) == 2 else ({}, why[-1] if why else "")


def network_names(network: dict) -> dict:
    """What the checks call what rerun.py said of the network; nothing of it is believed."""
    from coursekit.checks import positive  # the rule of the check that students see

    outputs, layers = network.get("outputs"), network.get("layers")
    known = isinstance(outputs, np.ndarray) and outputs.dtype.kind == "f" and outputs.ndim == 2
    known = known and outputs.size > 0
    named = isinstance(layers, list) and all(isinstance(name, str) for name in layers)
    return {
        "network_positive": positive(outputs) if known else None,
        "network_outputs": outputs[:, 0] if known and outputs.shape[1] == 1 else None,
        "network_layers": layers if known and named else None,
        "network_trouble": str(network.get("trouble") or "")[:TEXT_MAX],
    }


def award(
    check: dict,
    values: dict,
    missing: dict,
    truth: dict,
    network: dict | None = None,
    collected: dict | None = None,
    stored: str = "",
) -> dict:
    """Run one grade cell's hidden tests on the values: full points, part of them, or none.

    As in nbgrader, the value of a last expression is the points; otherwise no error is full marks.
    ``collected``: what every check was given, as the notebook had it when it came to that check.
    ``stored``: what it had printed before it was handed in, on another machine.
    """
    alarms: list[str] = []
    most = check["points"]
    result = {"check": check["name"], "title": check["title"], "max": most, "points": 0.0}
    namespace = {**truth, "np": np, "alarm": alarms.append, **dict.fromkeys(check["optional"])}
    namespace |= {**values, "collected": collected or {}, "stored": stored}
    namespace |= network_names(network or {})
    tree = ast.parse(check["code"])
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    file = f"<{check['name']}>"
    message = ""
    try:
        exec(compile(tree, file, "exec"), namespace)
        points = most
        if last:
            points = float(eval(compile(ast.Expression(last.value), file, "eval"), namespace))
        result["points"] = round(min(max(points, 0.0), most), 2) if math.isfinite(points) else 0.0
        message = str(namespace.get("message", ""))
    except AssertionError as error:
        message = str(error) or "기대한 값이 아닙니다."
    except NameError as error:
        if error.name not in check["collect"]:
            raise
        why = missing.get(error.name, "")
        why = f": {why}" if why else ". 앞의 셀에서 실행이 멈췄을 수 있습니다."
        message = f"이 부분의 검사에 쓸 값을 얻지 못했습니다{why}"
    except Exception as error:  # the values are of another kind than the checks expect
        message = f"값의 종류나 모양이 기대와 다릅니다. ({type(error).__name__})"
    prose = {
        name: values[name][:PROSE_MAX]
        for name in check["prose"]
        if isinstance(values.get(name), str)
    }
    alarms = [str(line)[:TEXT_MAX] for line in alarms[:ERRORS_MAX]]
    return result | {"message": message[:TEXT_MAX], "alarms": alarms, "prose": prose}


def judge(job: dict, truth: dict, handed_in: bytes, second_run: bytes) -> dict:
    """Read the bytes and run every check on them."""
    checks = job["checks"]
    expected = {check["name"]: {*check["collect"], *check["optional"]} for check in checks}
    values, missing, errors, finished = read(handed_in, expected)
    network = read(second_run, {"rerun": {"outputs", "layers", "trouble"}})[0]["rerun"]
    network = {"trouble": job["trouble"]} | network
    results = [
        award(check, values[name], missing[name], truth, network, values, job["stored"])
        for check in checks
        for name in [check["name"]]
    ]
    return {"checks": results, "errors": errors, "finished": finished}


def main() -> None:
    with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of the address space
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    stream = sys.stdin.buffer
    job = json.loads(stream.readline())
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"] + 5))
    if "pick" in job:
        arrays, why = pick(stream.read(), job["pick"])
        files = {name: io.BytesIO() for name in arrays}
        for name, file in files.items():
            np.save(file, arrays[name], allow_pickle=False)
        sizes = {name: file.getbuffer().nbytes for name, file in files.items()}
        sys.stdout.buffer.write(json.dumps({"sizes": sizes, "trouble": why}).encode() + b"\n")
        for file in files.values():
            sys.stdout.buffer.write(file.getbuffer())
        return
    truth = json.loads(stream.read(job["truth_bytes"]))
    handed_in = stream.read(job["handed_in_bytes"])
    json.dump(judge(job, truth, handed_in, stream.read()), sys.stdout)


if __name__ == "__main__":
    main()

"""A small recorded lesson in a course of its own, which a test may spoil."""

import shutil
from pathlib import Path

from coursekit.report import GLUE
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import derive, stale
from tools.lessons import COURSE, Course, stored

NAME = "01_small"
BOX = """\
```{admonition} 이 단원에서
- **목표**: `셀` 하나를 **읽습니다**.
- **먼저 읽을 것**: 없음
- **데이터**: 없음
- **걸리는 시간**: CPU 코어 두 개로 약 1분, 대개는 약 9분
- **GPU**: 필요 없습니다.
```"""
QUESTION = """\
:::{admonition} 확인 문제 1

어느 것입니까?

1. 하나
2. 둘
3. 셋

:::

:::{dropdown} 답

**2번**입니다. 둘이기 때문입니다.

- **1번**: 더 큽니다.
- **3번**: 더 작습니다.

:::

```{admonition} 연습
해 보십시오.
```"""
SAY = '''report.say(
    """
    정확도는 {test_accuracy:.3f}(으)로, {gap:.1f}만큼 높습니다.
    """
)'''
ENTRY = """\
[01_small]  # a comment that stays
title = "작은 단원"
metric = "시험 정확도"
value = "test_accuracy"
source = { figure = 0.5, cite = "somebody", text = "…" }
compare = [
  { name = "다수 범주", value = "majority_accuracy" },
  { name = "선형 기준선", value = "linear_accuracy" },
]
band = { seeds = [1, 2, 3, 4, 5], values = [0.53, 0.54, 0.55, 0.54, 0.54] }
"""
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
VALUES = {"test_accuracy": 0.542, "majority_accuracy": 0.2, "linear_accuracy": 0.4, "gap": 0.1}
README = """\
| lesson | teaches | minutes | data |
|---|---|---:|---|
| [01_small](lessons/01_small.ipynb) | words of the author | 1 | — |
"""
DATA = """\
| 데이터 | 쓰는 단원 | 내용 |
|---|---|---|
| Reuters | — | 기사 |
"""


def displayed(function, *args, **kwargs) -> list:
    """What a call displays in a notebook."""
    InteractiveShell.instance()
    with capture_output() as captured:
        function(*args, **kwargs)
    return captured.outputs


def glue(name: str, value: object) -> NotebookNode:
    """The output of ``report.glue(name=value)``."""
    about = {"scrapbook": {"name": name, "mime_prefix": GLUE}}
    return new_output("display_data", {GLUE + "text/plain": repr(value)}, metadata=about)


def code(source: str, *outputs: NotebookNode, tags: tuple[str, ...] = ()) -> NotebookNode:
    metadata = {"tags": list(tags)} if tags else {}
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def notebook() -> NotebookNode:
    """The lesson: recorded, and a good page."""
    picture = new_output("display_data", {"image/png": "iVBORw0KGgo=\n", "text/plain": ""})
    drawing = new_output("execute_result", {"image/svg+xml": "", "text/plain": "<SVG object>"})
    cells = [
        new_markdown_cell("# 01. 작은 단원\n\n무엇을 묻습니까? {cite}`somebody`"),
        new_markdown_cell(BOX),
        code(COURSE.setup_cell, tags=("hide-input",)),
        code(
            "import os\n\nfrom coursekit import plots, report\n"
            "from IPython.display import SVG\nimport matplotlib.pyplot as plt\n\n"
            'seed = int(os.environ.get("COURSE_SEED", 42))',
            tags=("band",),
        ),
        new_markdown_cell("## 1. 수"),
        code(
            "test_accuracy = 0.5 + seed / 1000\n"
            "report.glue(test_accuracy=test_accuracy, majority_accuracy=0.2)\n"
            "report.glue(linear_accuracy=0.4, gap=0.1)",
            *(glue(name, value) for name, value in VALUES.items()),
            tags=("band",),
        ),
        code("print(2 + 2)  # 넷", new_output("stream", text="4\n"), tags=("nbval-check-output",)),
        code(
            "fig, ax = plt.subplots()\nax.plot([1, 2])\n"
            'plots.show(fig, alt="정확도 {test_accuracy:.2f}", caption="그림 1.1. 정확도")',
            picture,
            tags=("hide-input",),
        ),
        code('SVG(filename="figures/small.svg")', drawing, tags=("hide-input",)),
        code(SAY, tags=("remove-input",)),
        new_markdown_cell("그림 1.1에서 봅니다. 과적합은 없습니다.\n\n" + QUESTION),
        new_markdown_cell("## 정리\n\n- 셋을 보았습니다."),
    ]
    for number, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), 1):
        cell.execution_count = number
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    made = {"code_sha256": stale.code_hash(cells), "data": {}, "seconds": 60}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells[8].outputs[0]["execution_count"] = cells[8].execution_count
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "course": {"record": made}})


def course(root: Path, *notebooks: NotebookNode) -> Course:
    """A course with these notebooks, or with the one above; all that derives from them is there."""
    names = [NAME, "02_b", "03_c"][: len(notebooks) or 1]
    for folder in ("lessons/figures", "book/_static", "tools"):
        (root / folder).mkdir(parents=True)
    (root / "lessons" / "coursekit").symlink_to(COURSE.folder / "coursekit")
    shutil.copy(COURSE.folder / "setup_cell.py", root / "lessons")
    shutil.copy(COURSE.root / derive.TEMPLATE, root / "tools")
    chapters = ", ".join(f"{{file: lessons/{name}}}" for name in names)
    files = {
        "_toc.yml": f"format: jb-book\nroot: book/index\nparts: [{{chapters: [{chapters}]}}]\n",
        "README.md": README,
        "book/data.md": DATA,
        "book/results.toml": ENTRY,
        "lessons/figures/small.svg": DRAWING,
    }
    for name, whole in zip(names, notebooks or [notebook()], strict=True):
        files[f"lessons/{name}.ipynb"] = stored(whole)
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    made = Course(root)
    derive.write_all(made, derive.derived(made))
    return Course(root)

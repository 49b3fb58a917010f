"""A book of a few short pages, built once, on which the Sphinx extensions are tested."""

import base64
import io
from types import SimpleNamespace

import nbformat
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

OURS = ["formulas", "folded", "access", "anchors", "figures", "terms", "touch", "korean_search"]
SETTINGS = {
    "extensions": ["myst_nb", *OURS],
    "root_doc": "book/index",
    "html_theme": "basic",
    "html_math_renderer": "drawn",
    "nb_execution_mode": "off",
    "nb_render_markdown_format": "myst",
    "myst_enable_extensions": ["dollarmath"],
    "suppress_warnings": ["config.cache", "mystnb.unknown_mime_type"],
}
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="300.4pt" height="90pt"></svg>'


def png(width: int, height: int, color: str) -> str:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), color).save(stream, "png")
    return base64.b64encode(stream.getvalue()).decode()


def shown(picture: str, caption: str = "", **metadata):
    """The outputs that coursekit.plots.show leaves."""
    data = {"image/png": picture, "text/plain": metadata["alt"]}
    outputs = [new_output("display_data", data=data, metadata={"image/png": metadata})]
    if caption:
        outputs.append(new_output("display_data", data={"text/markdown": caption}))
    return outputs


def lesson(*cells):
    made = new_notebook(cells=list(cells))
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    return made


def code(source: str, *outputs, hidden: bool = False):
    tags = ["hide-input"] if hidden else []
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": tags})


SIDE = {"name": "에폭", "limits": [0, 4], "log": False}
LINE = {"name": "훈련", "x": [1, 3], "y": [2, 4]}
VALUES = [{"box": [0, 1, 0, 1], "x": SIDE, "y": SIDE | {"name": "손실"}, "lines": [LINE]}]
FRAME = "<table><thead><tr><th></th><th>열</th></tr></thead><tr><th>0</th><td>1</td></tr></table>"
LESSON = lesson(
    new_markdown_cell(
        "# 00. 작은 단원\n\n`게이트(gate)`는 코드입니다. 망각 게이트(forget gate)는"
        " 게이트(gate)의 하나이고, 게이트(gate)는 $g_t$입니다. 그림 0.1과 그림 0.2를 보십시오."
        " $\\alpha$와 $g_t$도 있습니다."
    ),
    new_markdown_cell("## 1. 같은 제목\n\n$$\\alpha = \\frac{g_t}{2}$$"),
    code(
        "# 새 곡선: 답은 셋\nimport numpy as np\nmodel.Dense_layer(plain_name)",
        *shown(
            png(800, 400, "white"),
            "그림 0.1. 곡선",
            alt="새 곡선의 그림",
            width=400,
            smallest=5,
            dark=True,
            values=VALUES,
        ),
        hidden=True,
    ),
    code(
        "draw()",
        *shown(png(50, 20, "blue"), alt="제목 없는 그림"),
        *shown(png(600, 300, "red"), "그림 0.2. **표**", alt="옛 그림"),
        hidden=True,
    ),
    code("draw_again()", *shown(png(40, 20, "green"), alt="또 한 그림"), hidden=True),
    code("1 + 1", new_output("stream", name="stdout", text="찍은 글")),
    new_markdown_cell(
        "## 2. 같은 제목\n\n![손으로 그린 그림](drawing.svg)\n\n```{touch} powers\n읽는 글\n```"
    ),
    code("frame", new_output("display_data", data={"text/html": FRAME})),
)
PAGES = {
    "book/index.md": (
        "# 첫 쪽\n\n00단원의 그림 0.1을 보십시오. 게이트(gate)는 단원에만 잇습니다.\n\n"
        "| | 하나 |\n|---|---|\n| 가 | 1 |\n\n"
        "```{toctree}\n/lessons/00_small\n/book/glossary\n/book/old\n```\n"
    ),
    "book/glossary.md": (
        "# 용어\n\n```{glossary}\n게이트 (gate)\n  무엇이 지나갈지\n  정하는 수.\n\n"
        "망각 게이트 (forget gate, 잊는 문)\n  옛것을 남기는 게이트.\n```\n"
    ),
    "book/old.rst": "옛 쪽\n=====\n\n.. _here:\n\n이름 붙인 절\n------------\n\n글\n",
    "lessons/drawing.svg": DRAWING,
}


def build(folder, pages=PAGES, notebooks=None, **settings):
    """Build ``pages`` and ``notebooks``; what was said, and each page's HTML as ``page(name)``."""
    notebooks = {"lessons/00_small.ipynb": LESSON} if notebooks is None else notebooks
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name, notebook in notebooks.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / name)
    out, said = folder / "_build" / "html", io.StringIO()
    with docutils_namespace():
        app = Sphinx(
            *(folder, None, out, folder / "_build" / "doctrees", "html"),
            confoverrides=SETTINGS | settings,
            status=None,
            warning=said,
        )
        app.build()

    def page(name):
        return BeautifulSoup((out / f"{name}.html").read_text("utf-8"), "html.parser")

    return SimpleNamespace(app=app, out=out, page=page, said=said.getvalue())

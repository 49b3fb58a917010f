"""A folded cell is named after what it holds: its first comment up to a colon, or its figure."""

import re
from html import escape

from docutils import nodes
from figures import CAPTION
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform


def name_of(source: str, draws: bool, figure: str = "") -> str:
    """The name that stands on the fold.

    A solution's comment may tell the answer after its colon, so the name ends there.
    """
    comment = re.match(r"#+ ?([^:：\n]+)", source)
    if comment:
        checks = " 검사" if "\ndef _check(" in source else ""
        return comment[1].strip().rstrip(".") + checks
    if figure:  # as read aloud: 2, 4, 5 and 9 end in a vowel
        return f"{figure}{'를' if figure[-1] in '2459' else '을'} 그리는 코드"
    return "그림을 그리는 코드" if draws else "코드"


class NameFolded(SphinxPostTransform):
    default_priority = 198  # before myst_nb folds the cells, at 199
    formats = ("html",)

    def run(self, **kwargs) -> None:
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code" and cell.get("hide_mode") and cell.children:
                draws = any(True for _ in cell.findall(nodes.image))
                below = [CAPTION.match(p.astext()) for p in cell.findall(nodes.paragraph)]
                figure = next((f"그림 {found[1]}" for found in below if found), "")
                name = name_of(cell.children[0].astext(), draws, figure)
                cell["prompt_show"] = cell["prompt_hide"] = name


def visit(self, node: HideCodeCellNode) -> None:
    # As myst_nb's, without its English label, which hid the words one sees.
    # Nor does paper need what prepares Colab and what draws the figures.
    name = node["prompt_show"]
    off = " off-paper" if name == "준비" or name.endswith("그리는 코드") else ""
    classes = f"admonition hide{off} {' '.join(node['classes'])}"
    self.body.append(f'<details class="{classes}">\n<summary>\n')
    # On paper stands the name alone.
    for state, verb in (("collapsed", "펼치기"), ("expanded", "접기")):
        words = f'{escape(node["prompt_show"])} <span class="on-screen">{verb}</span>'
        self.body.append(f'<p class="{state} admonition-title">{words}</p>\n')
    self.body.append("</summary>\n")


def depart(self, node: HideCodeCellNode) -> None:
    self.body.append("</details>\n")


def setup(app) -> dict:
    app.add_post_transform(NameFolded)
    app.add_node(HideCodeCellNode, override=True, html=(visit, depart))
    return {"parallel_read_safe": True}

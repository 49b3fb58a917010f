"""nbgrader's settings for this course; the student's copy of the book is cut by the same ones.

On JupyterHub copy this file into the course folder (see instructor/README.md).
"""

from nbformat.v4 import new_markdown_cell
from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import NbGraderPreprocessor

c = get_config()  # noqa: F821


class CutInstructorCells(NbGraderPreprocessor):
    """Cut the cells tagged ``instructor``; of a ``published`` one leave the prose it recorded."""

    def preprocess(self, nb, resources):
        kept = []
        for cell in nb.cells:
            tags = set(cell.metadata.get("tags", []))
            if "published" in tags:
                texts = [
                    output.get("data", {}).get("text/markdown")
                    for output in cell.get("outputs", [])
                ]
                if prose := "\n\n".join(
                    "".join(text) for text in texts if text
                ):
                    kept.append(new_markdown_cell(prose, id=cell.id))
            elif "instructor" not in tags:
                kept.append(cell)
        nb.cells = kept
        return nb, resources


c.CourseDirectory.course_id = "reading-in-order"
c.GenerateAssignment.preprocessors = [
    CutInstructorCells,
    *GenerateAssignment.class_traits()["preprocessors"].default(),
]
c.ClearSolutions.code_stub = {
    "python": "# 여기에 코드를 쓰십시오.\n"
    'raise NotImplementedError("이 칸을 아직 채우지 않았습니다.")'
}
c.ClearSolutions.text_stub = "여기에 답을 쓰십시오."
# The first cell imports TensorFlow, on a busy hub for longer than the four seconds of nbclient.
c.Execute.iopub_timeout = 60

"""What every kernel runs first in the tests: shrink the lessons from outside, and fail loudly.

The notebooks hold no test switch. ``fit`` does two epochs of twenty steps whatever the cell asks
for, a loop over seeds takes its first two, and what IPython only reports (an unknown magic, a shell
command that failed) becomes an error.

It runs in the notebook's own namespace: all its names begin with an underscore, so that none stands
in for an import that a cell forgot.
"""

import ast as _ast
import sys as _sys

from IPython import get_ipython

_EPOCHS = 2
_STEPS = 20
_SEEDS = 2


class _FewSeeds(_ast.NodeTransformer):
    """The first two of ``for seed in (1, 2, 3)``, ``for s in range(1, 6)``, ``SEEDS = (1, 2, 3)``.

    Building a model costs more here than two epochs of it.
    """

    def _few(self, values: _ast.expr) -> _ast.expr:
        if isinstance(values, _ast.Tuple | _ast.List):
            values.elts = values.elts[:_SEEDS]
        elif isinstance(values, _ast.Call) and getattr(values.func, "id", "") == "range":
            few = _ast.parse(f"list()[:{_SEEDS}]", mode="eval").body
            few.value.args = [values]
            return _ast.copy_location(few, values)
        return values

    def _loop(self, node):
        if isinstance(node.target, _ast.Name) and node.target.id in ("s", "seed", "run"):
            node.iter = self._few(node.iter)
        return self.generic_visit(node)

    visit_For = visit_comprehension = _loop

    def visit_Assign(self, node):
        if [getattr(target, "id", "") for target in node.targets] == ["SEEDS"]:
            node.value = self._few(node.value)
        return self.generic_visit(node)


def _shrink(_info=None) -> None:
    """Before each cell: once Keras has been imported, cap the epochs and the steps of ``fit``."""
    keras = _sys.modules.get("keras")
    if keras is None or not hasattr(keras, "Model") or hasattr(keras.Model, "_whole_fit"):
        return
    keras.Model._whole_fit = keras.Model.fit

    def fit(self, x=None, *args, **kwargs):
        kwargs["epochs"] = min(kwargs.get("epochs", 1), kwargs.get("initial_epoch", 0) + _EPOCHS)
        if isinstance(x, _sys.modules["numpy"].ndarray):
            whole = (
                len(x) * (1 - kwargs.get("validation_split", 0)) / (kwargs.get("batch_size") or 32)
            )
            if whole >= _EPOCHS * _STEPS:  # with fewer Keras would warn that the data ran out
                kwargs["steps_per_epoch"] = _STEPS
        return self._whole_fit(x, *args, **kwargs)

    keras.Model.fit = fit


def _strict(shell) -> None:
    line_magic, cell_magic, system = shell.run_line_magic, shell.run_cell_magic, shell.system

    def known(find, name):
        if find(name) is None:
            raise NameError(f"unknown magic: {name}")

    def run_line_magic(name, *args, **kwargs):
        known(shell.find_line_magic, name)
        return line_magic(name, *args, **kwargs)

    def run_cell_magic(name, *args, **kwargs):
        known(shell.find_cell_magic, name)
        return cell_magic(name, *args, **kwargs)

    def checked_system(command):
        shell.user_ns.pop("_exit_code", None)
        system(command)
        code = shell.user_ns.get("_exit_code", 0)
        if code:
            raise RuntimeError(f"`{command}` ended with exit code {code}")

    shell.run_line_magic, shell.run_cell_magic = run_line_magic, run_cell_magic
    shell.system = checked_system


_strict(get_ipython())
get_ipython().ast_transformers.append(_FewSeeds())
get_ipython().events.register("pre_run_cell", _shrink)

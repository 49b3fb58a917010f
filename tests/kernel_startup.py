"""What every kernel runs first in the tests: shrink the lessons from outside, and fail loudly.

The notebooks hold no test switch. ``fit`` does two short epochs whatever the cell asks for, and
what IPython only reports (an unknown magic, a shell command that failed) becomes an error.
"""

import sys

from IPython import get_ipython

EPOCHS = 2


def _shrink(_info=None) -> None:
    """Before each cell: once Keras has been imported, cap the epochs of ``fit``."""
    keras = sys.modules.get("keras")
    if keras is None or not hasattr(keras, "Model") or hasattr(keras.Model, "_whole_fit"):
        return
    keras.Model._whole_fit = keras.Model.fit

    def fit(self, *args, **kwargs):
        kwargs["epochs"] = min(kwargs.get("epochs", 1), kwargs.get("initial_epoch", 0) + EPOCHS)
        return self._whole_fit(*args, **kwargs)

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
get_ipython().events.register("pre_run_cell", _shrink)

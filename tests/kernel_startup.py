"""What every kernel runs first in the tests: shrink the lessons from outside, and fail loudly.

The notebooks hold no test switch. ``fit`` does two short epochs whatever the cell asks for, and
what IPython only reports (an unknown magic, a shell command that failed) becomes an error.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
_stderr = os.dup(2)
_null = os.open(os.devnull, os.O_WRONLY)
os.dup2(_null, 2)  # TensorFlow writes four lines here whatever the log level
try:
    import keras
finally:
    os.dup2(_stderr, 2)

EPOCHS = 2
_fit = keras.Model.fit


def _short_fit(self, *args, **kwargs):
    kwargs["epochs"] = min(kwargs.get("epochs", 1), kwargs.get("initial_epoch", 0) + EPOCHS)
    return _fit(self, *args, **kwargs)


keras.Model.fit = _short_fit


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


from IPython import get_ipython  # noqa: E402

_strict(get_ipython())

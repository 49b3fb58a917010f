"""What every kernel runs first in the tests: shrink the lessons from outside.

The notebooks hold no test switch. ``fit`` does two epochs on thirty-two examples whatever the cell
asks for, and without a graph, which takes longer to trace than these few steps (`make record` and
`make colab` run it); a recurrent layer sees the first eight places of a text in it. A loop over
seeds takes the first, `trials` one rate and one seed, and TensorFlow runs what graphs are left as
they are. A mask that a GPU would not take is an error, though nobody has one here.

It runs in the notebook's own namespace: all its names begin with an underscore, so that none stands
in for an import that a cell forgot.
"""

import ast as _ast
import inspect as _inspect
import os as _os
import sys as _sys
from unittest import mock as _mock

from IPython import get_ipython

_EPOCHS = 2
_EXAMPLES = 32
_PLACES = 8
_SEEDS = ("seed", "run")
_GRAPHS = "COURSE_GRAPHS" in _os.environ  # `make colab`


class _OneSeed(_ast.NodeTransformer):
    """Only the first turn of ``for seed in …`` and ``for run in …``.

    To build a model costs more here than two epochs of it. A list made of them keeps its length.
    """

    def visit_For(self, node):
        if getattr(node.target, "id", "") in _SEEDS:
            node.iter = _ast.parse(f"list({_ast.unparse(node.iter)})[:1]", mode="eval").body
        return self.generic_visit(node)

    def visit_ListComp(self, node):
        loop = node.generators[0]
        if getattr(loop.target, "id", "") not in _SEEDS or node.generators[1:]:
            return self.generic_visit(node)
        seeds = f"list({_ast.unparse(loop.iter)})"
        loop.iter = _ast.parse(f"{seeds}[:1]", mode="eval").body
        return _ast.parse(f"{_ast.unparse(node)} * len({seeds})", mode="eval").body


def _one_of_each(rates, seeds) -> tuple[list, list]:
    """What ``trials`` plan here: one rate, which then needs no choice, and one seed."""
    return [sorted(rates)[len(rates) // 2]], list(seeds)[:1]


def _few(data, count: int):
    """The first examples of an array, or of each in a tuple, list or dictionary of arrays."""
    if isinstance(data, dict):
        return {name: _few(part, count) for name, part in data.items()}
    if isinstance(data, (tuple, list)):
        return type(data)(_few(part, count) for part in data)
    return data[:count] if hasattr(data, "shape") else data  # sparse ones, too


def _first_places(whole_loop):
    """``tf.while_loop`` that goes over the first places of a text only.

    Without a graph a recurrent layer goes from place to place in Python; the rest stays zero.
    """
    return lambda *args, **kwargs: whole_loop(*args, **kwargs | {"maximum_iterations": _PLACES})


def _as_on_a_gpu(rnn, error) -> None:
    """Have Keras choose cuDNN's kernel for LSTM and GRU, as it does where there is a GPU.

    Its own assertion runs, that a mask is of texts padded on the right and none of them empty;
    then its own computation for the CPU stands in for the kernel.
    """

    def standing_in_for(kernel):
        named = _inspect.signature(kernel)

        def compute(*args, **kwargs):
            if (mask := named.bind(*args, **kwargs).arguments["mask"]) is not None:
                try:
                    rnn._assert_valid_mask(mask)
                except error as told:  # without a graph Keras takes this for "no cuDNN here"
                    raise RuntimeError(f"A GPU would stop here. {told}") from None
            raise NotImplementedError  # by which Keras computes it by itself

        return compute

    rnn._is_gpu_available = lambda: True
    rnn._cudnn_lstm, rnn._cudnn_gru = map(standing_in_for, (rnn._cudnn_lstm, rnn._cudnn_gru))


def _shrink(_info=None) -> None:
    """Before each cell: once Keras has been imported, cap the epochs and examples of ``fit``.

    Without shuffling these very steps are wanted: only the epochs are fewer then.
    """
    keras = _sys.modules.get("keras")
    if keras is None or not hasattr(keras, "Model"):
        return
    if train := _sys.modules.get("coursekit.train"):
        train.planned = _one_of_each
    if hasattr(keras.Model, "_whole_fit"):
        return
    keras.Model._whole_fit = keras.Model.fit
    tensorflow = _sys.modules["tensorflow"]
    named = _inspect.signature(keras.Model.fit)

    def fit(self, *args, **kwargs):
        given = named.bind(self, *args, **kwargs).arguments
        given["epochs"] = min(given.get("epochs", 1), given.get("initial_epoch", 0) + _EPOCHS)
        if few := given.get("shuffle", True):
            count = round(_EXAMPLES / (1 - (given.get("validation_split") or 0)))
            for name in given.keys() & {"x", "y", "sample_weight", "validation_data"}:
                given[name] = _few(given[name], count)
        if _GRAPHS or not few:
            return keras.Model._whole_fit(**given)
        self.run_eagerly, self.steps_per_execution = True, 1
        with _mock.patch.object(tensorflow, "while_loop", _first_places(tensorflow.while_loop)):
            history = keras.Model._whole_fit(**given)
        if any(isinstance(part, keras.layers.RNN) for part in self._flatten_layers()):
            self.run_eagerly, self.test_function = False, None  # it answers as it should
        return history

    keras.Model.fit = fit
    rnn = _sys.modules.get("keras.src.backend.tensorflow.rnn")
    if rnn and hasattr(tensorflow, "errors"):  # a stand-in for TensorFlow has none
        _as_on_a_gpu(rnn, tensorflow.errors.InvalidArgumentError)
        tensorflow.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})


if "COURSE_WHOLE" not in _os.environ:  # `make colab` runs homework whole: checks want its results
    get_ipython().ast_transformers.append(_OneSeed())
    get_ipython().events.register("pre_run_cell", _shrink)

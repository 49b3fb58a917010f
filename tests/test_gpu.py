"""No GPU is here, yet a lesson that would stop on one fails: tools/kernel_startup.py sees to it."""

import re

import pytest
from nbval.kernel import start_new_kernel

READ = """
import keras
import numpy as np
from keras import layers
"""
FIT = """
def read(layer, text, graph=False):
    model = keras.Sequential([layers.Embedding(9, 4, mask_zero=True), layer, layers.Dense(1)])
    model.compile("sgd", "mse")
    fit = keras.Model._whole_fit if graph else keras.Model.fit
    history = fit(model, np.array([text, [1, 2, 3, 4]]), np.zeros(2), epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
"""
LEFT, RIGHT, GAP, EMPTY = [0, 0, 5, 2], [5, 2, 0, 0], [5, 0, 2, 0], [0, 0, 0, 0]
STOPS = "A GPU would stop here|right-padded sequences, while using cuDNN"


@pytest.fixture(scope="module")
def said(pytestconfig):
    """A function that runs a line in a kernel of the lessons; what error it met, if any."""
    kernel = pytestconfig.option.nbval_kernel_name
    manager, client = start_new_kernel(startup_timeout=300, kernel_name=kernel)

    def run(code):
        reply = client.execute_interactive(code, output_hook=lambda message: None, timeout=600)
        return "\n".join(reply["content"].get("traceback", []))

    assert not [error for error in map(run, (READ, FIT)) if error]
    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("text", [RIGHT, LEFT, GAP, EMPTY], ids=["right", "left", "gap", "empty"])
@pytest.mark.parametrize("layer", ["LSTM(3)", "GRU(3)", "Bidirectional(layers.GRU(3))"])
def test_only_a_mask_of_texts_padded_on_the_right_trains(said, layer, text, graph):
    error = said(f"read(layers.{layer}, {text}, {graph})")
    assert re.search(STOPS, error) if text != RIGHT else not error, error


@pytest.mark.parametrize(
    "layer", ["SimpleRNN(3)", "LSTM(3, use_cudnn=False)", "GRU(3, recurrent_dropout=0.2)"]
)
def test_a_layer_that_cudnn_does_not_compute_takes_every_mask(said, layer):
    error = said(f"read(layers.{layer}, {LEFT})")
    assert not error, error

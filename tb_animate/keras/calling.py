"""Calls models in the middle of their training without leaving a trace in them."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_animate.keras.needed import keras

_NAMES = 20  # that a message lists before it says how many more there are


@contextlib.contextmanager
def untouched() -> Iterator[None]:
    """While it lasts, no call changes a Keras variable: statistics, counters, random seeds.

    Functions of TensorFlow run eagerly meanwhile. One that was traced here would keep what
    is true only here: that variables are not assigned to, and that a layer is listened to.
    """
    with contextlib.ExitStack() as stack:
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            stack.callback(tf.config.run_functions_eagerly, tf.config.functions_run_eagerly())
            tf.config.run_functions_eagerly(True)
        stack.enter_context(keras.StatelessScope())
        yield


def infer(model: Callable[..., Any], inputs: Any) -> Any:
    """What a model or layer gives in inference mode, or any function of the inputs alone."""
    told = isinstance(model, keras.layers.Layer) and _knows_training(model)
    return model(inputs, training=False) if told else model(inputs)


def first(outputs: Any) -> NDArray[Any]:
    """The first of several outputs, as an array; bfloat16 and float16 as float32."""
    tensor = keras.tree.flatten(outputs)[0]
    if "float" in keras.backend.standardize_dtype(tensor.dtype):
        tensor = keras.ops.cast(tensor, "float32")
    return np.asarray(keras.ops.convert_to_numpy(tensor))


@contextlib.contextmanager
def listening(layer: Any) -> Iterator[list[Any]]:
    """While it lasts, the list holds what the last call of the layer returned.

    It works the same for every kind of model: one that is subclassed has no tensors to
    build a second model from, only layers that it calls.
    """
    heard: list[Any] = []

    def heard_by(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            outputs = method(*args, **kwargs)
            heard[:] = [outputs]
            return outputs

        return call

    # A layer that was quantized is called by the second; older releases of Keras have only one.
    methods = [name for name in ("call", "quantized_call") if hasattr(layer, name)]
    # The dictionary itself, past Keras' tracking of a layer's attributes.
    own = vars(layer)
    before = {name: own[name] for name in methods if name in own}
    own.update({name: heard_by(getattr(layer, name)) for name in methods})
    try:
        yield heard
    finally:
        for name in methods:
            del own[name]
        own.update(before)


def find_layer(model: Any, layer: Any) -> Any:
    """A layer of a model by its index, its name or itself.

    Args:
      layer: an index into `model.layers`; or a name, of a layer or of one within a nested
        model, where "encoder/latent" is the layer "latent" in "encoder"; or the layer.

    Raises:
      ValueError: there is none or more than one; the message names those that there are.
    """
    if isinstance(layer, keras.layers.Layer):
        return layer
    if isinstance(layer, int) and not isinstance(layer, bool):
        if not -len(model.layers) <= layer < len(model.layers):
            raise ValueError(
                f"layer is {layer}, and the model has {len(model.layers)} layers: "
                f"{_listed([one.name for one in model.layers])}. Give an index, a name or the "
                "layer itself."
            )
        return model.layers[layer]
    paths = list(_paths(model, ""))
    direct = [one for path, one in paths if path == layer]
    found = direct or [one for path, one in paths if path.endswith(f"/{layer}")]
    # A layer that is shared by several models is one layer.
    distinct = list({id(one): one for one in found}.values())
    if len(distinct) == 1:
        return distinct[0]
    few = "no layer" if not distinct else f"{len(distinct)} layers"
    raise ValueError(
        f"The model has {few} of the name {layer!r}; it has {_listed([path for path, _ in paths])}."
        " Give one of these, an index or the layer itself."
    )


def _paths(model: Any, above: str) -> Iterator[tuple[str, Any]]:
    for layer in model.layers:
        yield above + layer.name, layer
        if hasattr(layer, "layers"):
            yield from _paths(layer, f"{above}{layer.name}/")


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMES
    return ", ".join(names[:_NAMES]) + (f" and {more} more" if more > 0 else "")


def _knows_training(layer: Any) -> bool:
    return "training" in inspect.signature(layer.call).parameters

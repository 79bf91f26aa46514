"""Where a summary goes: TensorFlow's writers, or those that take events."""

from __future__ import annotations

import dataclasses
import importlib
import sys
import time
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_TRACING = (
    "embedding cannot run inside of tf.function, which would call it once and never again; "
    "call it from the training loop or a callback."
)


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """What is written under a tag: float32 or float16, or a sequence of byte strings."""

    tag: str
    content: NDArray[np.floating[Any]] | list[bytes]
    plugin_name: str
    description: str

    def metadata(self) -> Any:
        """With a data class, without which TensorBoard's data server drops the value."""
        from tensorboard.compat.proto import summary_pb2

        blobs = isinstance(self.content, list)
        return summary_pb2.SummaryMetadata(
            plugin_data=summary_pb2.SummaryMetadata.PluginData(
                plugin_name=self.plugin_name, content=b'{"version": 1}'
            ),
            summary_description=self.description,
            data_class=(
                summary_pb2.DATA_CLASS_BLOB_SEQUENCE if blobs else summary_pb2.DATA_CLASS_TENSOR
            ),
        )


class Sink(Protocol):
    """One writer.

    Attributes:
      owner: the writer itself, what was logged is remembered by; `None` if unknown.
    """

    owner: Any

    def step(self, given: Any) -> int:
        """Raises ValueError when no step is given and there is no default."""

    def recording(self) -> bool:
        """Whether anything that is written now is kept."""

    def tag(self, name: str) -> str:
        """The tag that a summary of this name gets."""

    def write(self, value: Value, step: int) -> bool:
        """Returns whether it was recorded."""


def find_sink(writer: Any) -> Sink:
    """The way to a writer, or to `tf.summary`'s default writer for `None`.

    Raises:
      ValueError: nothing that summaries can be written to.
    """
    if writer is None and "tensorflow" not in sys.modules:
        raise ValueError(
            "There is no writer: give writer=, a PyTorch or tensorboardX SummaryWriter or one "
            "of tf.summary."
        )
    if writer is None or hasattr(writer, "as_default"):
        return _TensorFlowSink(writer)
    for found in (getattr(writer, "_get_file_writer", lambda: None)(), writer):
        if hasattr(found, "add_event"):
            return _EventSink(writer, found)
    raise ValueError(
        f"writer is of type {type(writer).__name__}, which no summary can be written to; give a "
        "PyTorch or tensorboardX SummaryWriter, or one of tf.summary."
    )


class _TensorFlowSink:
    """TensorFlow's writers, with its default step, its name scopes and `record_if`."""

    def __init__(self, writer: Any) -> None:
        self._tf = importlib.import_module("tensorflow")
        self._writer = writer
        self.owner = writer if writer is not None else self._default_writer()
        if not self._tf.executing_eagerly():
            raise ValueError(_TRACING)

    def step(self, given: Any) -> int:
        step = self._tf.summary.experimental.get_step() if given is None else given
        if step is None:
            raise ValueError(
                "There is no step: give step=, or call tf.summary.experimental.set_step first."
            )
        return _int64(step)

    def recording(self) -> bool:
        if self._writer is None:
            return bool(self._tf.summary.should_record_summaries())
        with self._writer.as_default():
            return bool(self._tf.summary.should_record_summaries())

    def tag(self, name: str) -> str:
        with self._tf.summary.experimental.summary_scope(name, "points", values=[]) as scope:
            return str(scope[0])

    def write(self, value: Value, step: int) -> bool:
        if self._writer is None:
            return self._write(value, step)
        with self._writer.as_default():
            return self._write(value, step)

    def _write(self, value: Value, step: int) -> bool:
        written = self._tf.summary.write(
            value.tag, self._tf.constant(value.content), step=step, metadata=value.metadata()
        )
        return bool(written)

    def _default_writer(self) -> Any:
        """TensorFlow has no public name for it. Without one, labels are logged each time."""
        try:
            operations = importlib.import_module("tensorflow.python.ops.summary_ops_v2")
            return operations._summary_state.writer
        except (ImportError, AttributeError):
            return None


class _EventSink:
    """Writers that take whole events: PyTorch's, tensorboardX' and TensorBoard's own."""

    def __init__(self, writer: Any, target: Any) -> None:
        self.owner = writer
        self._target = target

    def step(self, given: Any) -> int:
        if given is None:
            raise ValueError("There is no step: give step=, the training step.")
        return _int64(given)

    def recording(self) -> bool:
        return True

    def tag(self, name: str) -> str:
        return name

    def write(self, value: Value, step: int) -> bool:
        from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
        from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto

        content = value.content
        shape = [len(content)] if isinstance(content, list) else content.shape
        tensor = tensor_pb2.TensorProto(
            tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=side) for side in shape])
        )
        if isinstance(content, list):
            tensor.dtype = types_pb2.DT_STRING
            tensor.string_val.extend(content)
        else:
            half = content.dtype == np.float16
            tensor.dtype = types_pb2.DT_HALF if half else types_pb2.DT_FLOAT
            tensor.tensor_content = content.astype("<f2" if half else "<f4", copy=False).tobytes()
        summary = summary_pb2.Summary(
            value=[
                summary_pb2.Summary.Value(tag=value.tag, tensor=tensor, metadata=value.metadata())
            ]
        )
        event = event_pb2.Event(wall_time=time.time(), step=step, summary=summary)
        self._target.add_event(self._own(event))
        return True

    def _own(self, event: Any) -> Any:
        """The event in the writer's own class, since each package checks for its own.

        tensorboardX has a copy of TensorBoard's protocol buffers; fields that an older copy
        does not know go through all the same.
        """
        package = type(self._target).__module__.partition(".")[0]
        module = sys.modules.get(f"{package}.proto.event_pb2")
        return event if module is None else module.Event.FromString(event.SerializeToString())


def _int64(step: Any) -> int:
    try:
        number = int(step)
    except (TypeError, ValueError):
        raise ValueError(f"step is {step!r}, and a whole number is wanted.") from None
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"step is {number}, and it must fit into 64 bits.")
    return number

"""One event file, written record by record."""

from __future__ import annotations

import itertools
import os
import posixpath
import socket
import time
from typing import Any

_numbers = itertools.count()


class EventFile:
    """Takes events and hands each to the file system at once.

    An interrupted training leaves whole records, and a TensorBoard that is open sees them.

    Args:
      directory: of the run; made if it is not there. What TensorBoard can read, it can be:
        `gs://...` too, with TensorFlow installed.
    """

    def __init__(self, directory: str) -> None:
        from tensorboard.compat import tf
        from tensorboard.compat.proto import event_pb2
        from tensorboard.summary.writer.record_writer import RecordWriter

        tf.io.gfile.makedirs(directory)
        # TensorBoard without its data server reads the files of a run in the order of their
        # names and never comes back to an earlier one while it runs. Zeros in the place of
        # the time put this file before those of Keras' TensorBoard callback: it must not be
        # theirs that TensorBoard turns away from.
        name = ".".join(
            [
                "events.out.tfevents.0000000000",
                f"{time.time_ns():020}",
                socket.gethostname(),
                str(os.getpid()),
                str(next(_numbers)),
            ]
        )
        self._file = tf.io.gfile.GFile(posixpath.join(directory, name), "wb")
        self._records = RecordWriter(self._file)
        self.add_event(event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2"))

    def add_event(self, event: Any) -> None:
        """Appends an `Event`."""
        self._records.write(event.SerializeToString())
        self._records.flush()

    def close(self) -> None:
        """Nothing can be appended after this."""
        self._records.close()

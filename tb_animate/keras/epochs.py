"""When a callback logs, and where."""

from __future__ import annotations

import os
import posixpath
from typing import Any

from tb_animate.keras.event_file import EventFile
from tb_animate.keras.needed import keras


class EpochCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """Calls `log` before the first epoch, after every `freq`th, and after the last.

    Args:
      freq: in epochs. As with Keras' `histogram_freq`, epochs 0, freq, 2 * freq ... are those
        that are logged, so that both have the same steps.
      log_dir: that of the whole training: a path, or the `keras.callbacks.TensorBoard` that
        logs it; "logs" if left out, which is that callback's default.
      run: the folder in `log_dir` that the event file is put into.
      name: the tag.

    Raises:
      ValueError: `freq` is no whole number from 1 on, or `name` is empty.
    """

    def __init__(self, *, freq: int, log_dir: Any, run: str, name: str) -> None:
        super().__init__()
        if isinstance(freq, bool) or not isinstance(freq, int) or freq < 1:
            raise ValueError(f"freq is {freq!r}, and a whole number of epochs from 1 on is wanted.")
        if not name:
            raise ValueError("name is empty; it is the tag that TensorBoard shows.")
        directory = os.fspath(getattr(log_dir, "log_dir", "logs" if log_dir is None else log_dir))
        self.name = name
        self._freq = freq
        self._directory = posixpath.join(directory, run) if run else directory
        self._file: EventFile | None = None
        self._begun = False
        # Steps: of the last epoch that ended in this fit, and of what was logged last.
        self._ended: int | None = None
        self._logged: int | None = None

    def log(self, file: EventFile, step: int) -> None:
        """Appends what the model does now."""
        raise NotImplementedError

    def on_train_begin(self, logs: Any = None) -> None:
        # A fit that was interrupted has left its file open.
        self._close()
        self._begun = False
        self._ended = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self._begun:
            return
        self._begun = True
        # A fit that goes on where one left off begins with the state that was logged last. One
        # that starts anew does not: the model may have changed since it was interrupted.
        if epoch == 0 or self._logged != epoch - 1:
            self._log(epoch - 1)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._ended = epoch
        if epoch % self._freq == 0 or epoch + 1 == (self.params or {}).get("epochs"):
            self._log(epoch)

    def on_train_end(self, logs: Any = None) -> None:
        # Training that was stopped early has had a last epoch that nobody knew to be the last.
        if self._ended is not None and self._ended != self._logged:
            self._log(self._ended)
        self._close()

    def _log(self, step: int) -> None:
        if self._file is None:
            self._file = EventFile(self._directory)
        self.log(self._file, step)
        self._logged = step

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

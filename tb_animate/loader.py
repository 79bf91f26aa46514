"""The entry point. Whatever else is broken, TensorBoard starts."""

from __future__ import annotations

import logging
from typing import Any

from tensorboard.plugins import base_plugin

logger = logging.getLogger(__name__)


class Loader(base_plugin.TBLoader):  # type: ignore[misc]
    """Loads the plugin, or a tab that says why it could not be loaded.

    It defines no flags.
    """

    def load(self, context: base_plugin.TBContext) -> Any:
        """Never raises.

        Returns:
          A `base_plugin.TBPlugin`; `None`, which TensorBoard skips, only when not even
          the tab with the reason can be made.
        """
        # Imported here: an exception while TensorBoard imports this module would stop it.
        try:
            from tb_animate.plugin import AnimatePlugin

            return AnimatePlugin(context)
        except Exception as error:
            logger.exception("tb_animate could not be loaded; its tab says why")
            reason = error
        try:
            from tb_animate import fallback

            return fallback.FallbackPlugin(fallback.not_loaded(reason))
        except Exception:
            logger.exception("tb_animate could not make the tab that says why")
            return None

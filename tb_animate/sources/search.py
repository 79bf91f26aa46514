"""Looks for the event files of all runs, again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tb_animate.model import LogWarning
from tb_animate.sources.files import Found, Root, discover


class Search:
    """The files under some log directories. For one thread at a time."""

    def __init__(self, roots: Sequence[Root]) -> None:
        self._roots = tuple(roots)
        self._listed: dict[Root, list[Found]] = {}

    def find(self) -> tuple[dict[str, list[Found]], list[LogWarning]]:
        """The files to read, by run."""
        by_run: dict[str, list[Found]] = {}
        warnings: list[LogWarning] = []
        for root in self._roots:
            for item in self._discover(root):
                if isinstance(item, LogWarning):
                    warnings.append(item)
                    continue
                held = by_run.setdefault(item.run, [])
                if held and held[0].root != item.root:
                    # TensorBoard too shows the directory that was named last.
                    warnings.append(
                        LogWarning(
                            item.run,
                            "",
                            None,
                            f'Both "{held[0].root}" and "{item.root}" have a run of this '
                            "name, and only the latter is shown. Give the directories "
                            "names: --logdir_spec=one:PATH,two:PATH.",
                        )
                    )
                    held.clear()
                held.append(item)
        return dict(sorted(by_run.items())), warnings

    def _discover(self, root: Root) -> Iterator[Found | LogWarning]:
        """The files under a log directory; of an address that is not to be reached, the last."""
        if not root.is_remote:
            yield from discover(root)
            return
        try:
            self._listed[root] = [item for item in discover(root) if isinstance(item, Found)]
        except OSError as error:
            message = f"This address cannot be listed: {error.strerror}. It is tried again."
            yield LogWarning("", root.path, None, message)
        yield from self._listed.get(root, [])

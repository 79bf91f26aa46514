"""The entry point: light, and never the reason why TensorBoard does not start."""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from tensorboard.backend import application
from tensorboard.plugins import base_plugin
from werkzeug.test import Client

import servers
from tb_animate import fallback
from tb_animate.loader import Loader

HEAVY = ("numpy", "imageio", "PIL", "msgpack")


def client(plugin: base_plugin.TBPlugin) -> Client:
    """TensorBoard's own routing around one plugin."""
    return Client(application.TensorBoardWSGI([plugin]))


def test_importing_and_loading_brings_in_nothing_heavy() -> None:
    # TensorBoard's own imports, which may bring numpy, come first and do not count.
    script = """
import json, sys
from tensorboard.backend import application
from tensorboard.plugins import base_plugin
before = set(sys.modules)
import tb_animate.loader
imported = set(sys.modules) - before
plugin = tb_animate.loader.Loader().load(base_plugin.TBContext())
plugin.get_plugin_apps(), plugin.frontend_metadata()
loaded = set(sys.modules) - before
print(json.dumps([type(plugin).__name__, sorted(imported), sorted(loaded)]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=servers.ROOT, capture_output=True, text=True, check=True
    )

    name, imported, loaded = json.loads(done.stdout)
    assert name == "AnimatePlugin"
    assert [module for module in loaded if module.partition(".")[0] in HEAVY] == []
    ours = {module for module in imported if module.partition(".")[0] == "tb_animate"}
    assert ours == {"tb_animate", "tb_animate.loader"}


def test_it_defines_no_flags() -> None:
    parser = argparse.ArgumentParser()
    Loader().define_flags(parser)
    flags = parser.parse_args([])
    Loader().fix_flags(flags)

    assert vars(flags) == {}


@pytest.mark.parametrize("missing", ["tb_animate.plugin", "tb_animate.exports"])
def test_a_broken_package_becomes_a_tab_that_says_so(
    missing: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delitem(sys.modules, "tb_animate.plugin", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    if missing == "tb_animate.exports":
        import tb_animate

        monkeypatch.delattr(tb_animate, "exports", raising=False)

    plugin = Loader().load(base_plugin.TBContext())

    assert isinstance(plugin, fallback.FallbackPlugin)
    assert plugin.plugin_name == "animate"
    listing: Any = client(plugin).get("/data/plugins_listing").json
    assert listing["animate"]["enabled"]
    assert listing["animate"]["tab_name"] == "Animate"
    index = client(plugin).get("/data/plugin/animate/index.js")
    assert index.mimetype == "text/javascript"
    assert "export function render()" in index.text
    assert "pip install" in index.text
    other = client(plugin).get("/data/plugin/animate/series")
    assert (other.status_code, other.mimetype) == (503, "text/plain")
    assert "Traceback" not in other.text
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.ERROR]


def test_where_not_even_that_can_be_made_the_plugin_is_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tb_animate.plugin", None)
    monkeypatch.setattr(fallback, "FallbackPlugin", None)

    assert Loader().load(base_plugin.TBContext()) is None


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ModuleNotFoundError("No module named 'x.y'", name="x.y"), '"x", which is not installed'),
        (ImportError("libfoo.so:\n cannot open"), "(ImportError: libfoo.so: cannot open)"),
        (ValueError(), "(ValueError: ValueError)"),
    ],
)
def test_the_sentence_says_what_is_wrong_and_how_to_mend_it(
    error: Exception, sentence: str
) -> None:
    said = fallback.not_loaded(error)

    assert sentence in said
    assert "pip install" in said
    assert "\n" not in said


def test_a_sentence_cannot_leave_its_string() -> None:
    evil: Any = '";alert(1)//\n</script>\u2028'
    script = fallback.module(evil)

    line = script.splitlines()[0]
    assert json.loads(line.removeprefix("const sentence = ").removesuffix(";")) == evil
    assert "innerHTML" not in script

"""Images in clips: compared with other frames, adjusted, enlarged; pixels against arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from logs import encode
from memory_source import MemoryIndex, MemorySource, flat, images, moving
from tb_animate import encoders, errors, export, params
from tb_animate.kinds import compare, gallery, raster
from tb_animate.kinds.compare import Comparison
from tb_animate.model import ClipSpec

pytestmark = pytest.mark.oldest

SIDE = 128  # of a clip of small pictures
OWN = [(10, 200, 30), (60, 190, 30), (250, 180, 30)]
OTHER = [(20, 0, 255), (40, 100, 255)]


def _run(name: str, colours: Sequence[tuple[int, ...]], every: int, first: int = 0) -> MemoryIndex:
    frames = {first + every * n: [flat(colour)] for n, colour in enumerate(colours)}
    return images(frames, run=name)


class Recorder:
    """An encoder that keeps its pictures."""

    name, suffix, mime_type = "record", ".rec", "text/plain"
    max_fps, max_side = 1000.0, 4096

    def __init__(self) -> None:
        self.pictures: list[NDArray[np.uint8]] = []

    def encode(self, pictures: Any, size: tuple[int, int], loop: str) -> Any:
        for picture in pictures:
            self.pictures.append(picture.pixels)
            yield b"."


def _pictures(
    indexes: Sequence[MemoryIndex], shown: int = 1, **asked: Any
) -> list[NDArray[np.uint8]]:
    """A clip of the first so many of these series; the others are in the log beside them."""
    encoder = Recorder()
    ids = [index.series.id for index in indexes[:shown]]
    plan = export.plan(MemorySource(indexes), ids, params.from_values(asked), encoder)
    assert len(list(plan.encode())) == plan.pictures
    return encoder.pictures


def _only(picture: NDArray[np.uint8]) -> tuple[int, ...]:
    """The one colour of a picture."""
    assert (picture == picture[0, 0]).all()
    return tuple(picture[0, 0].tolist())


def _apart(one: tuple[int, ...], other: tuple[int, ...], gain: int = 1) -> tuple[int, ...]:
    return tuple(min(gain * abs(a - b), 255) for a, b in zip(one, other, strict=True))


def test_the_difference_of_another_run_is_exact() -> None:
    both = [_run("new", OWN, 10), _run("old", OTHER, 15, first=10)]
    for gain in (1, 4, 16):
        asked = {"compare": "difference", "against": "run:old", "amount": gain}
        shown = _pictures(both, **asked)
        assert [_only(picture) for picture in shown] == [
            OWN[0],  # the other run begins later
            _apart(OWN[1], OTHER[0], gain),
            _apart(OWN[2], OTHER[0], gain),  # at step 20 its frame of step 10 is held
        ]


def test_the_first_and_the_previous_frame_are_the_series_own() -> None:
    index = _run("new", OWN, 10)
    shown = _pictures([index], compare="difference", against="first", amount=1)
    assert [_only(picture) for picture in shown] == [_apart(OWN[0], one) for one in OWN]
    shown = _pictures([index], compare="difference", against="previous", amount=1)
    assert [_only(p) for p in shown] == [OWN[0], _apart(*OWN[:2]), _apart(*OWN[1:])]
    # Also where the clip does not show it.
    shown = _pictures([index], compare="difference", amount=1, start_step=20)
    assert _only(shown[-1]) == _apart(*OWN[1:])


def test_wipe_and_onion() -> None:
    both = [_run("new", OWN[:1], 10), _run("old", OTHER[:1], 10)]
    (wiped,) = _pictures(both, compare="wipe", against="run:old", amount=0.25)
    line = SIDE // 4
    assert (_only(wiped[:, :line]), _only(wiped[:, line:])) == (OWN[0], OTHER[0])
    # Of a picture that does not fill the clip it is a share of the picture.
    (wide,) = _pictures(
        both, compare="wipe", against="run:old", amount=0.25, width=3 * SIDE, height=SIDE
    )
    middle = wide[:, SIDE : 2 * SIDE]
    assert (_only(middle[:, :line]), _only(middle[:, line:])) == (OWN[0], OTHER[0])
    (mixed,) = _pictures(both, compare="onion", against="run:old", amount=0.75)
    mean = 0.25 * np.array(OWN[0]) + 0.75 * np.array(OTHER[0])
    assert np.abs(np.array(_only(mixed)) - mean).max() <= 1


def test_only_what_was_logged_is_compared() -> None:
    asked = {"compare": "difference", "against": "first", "amount": 1}
    shown = _pictures([_run("new", OWN, 10)], tween=1, **asked)
    colours = [_apart(OWN[0], one) for one in OWN]
    assert [_only(p) for p in shown] == [colours[0], colours[0], colours[1], colours[1], colours[2]]


def test_the_run_that_others_are_compared_with_is_shown_as_it_is() -> None:
    both = [_run("new", OWN[:1], 10), _run("old", OTHER[:1], 10)]
    asked = {"compare": "difference", "against": "run:old", "amount": 1}
    (picture,) = _pictures(both, shown=2, **asked)
    assert picture.shape == (SIDE, 2 * SIDE, 3)
    assert _only(picture[:, :SIDE]) == _apart(OWN[0], OTHER[0])
    assert _only(picture[:, SIDE:]) == OTHER[0]


def test_samples_are_compared_by_number() -> None:
    own = images({0: [flat(10), flat(20), flat(30)]}, run="new")
    other = images({0: [flat(15), flat(50)]}, run="old")
    asked = {"compare": "difference", "against": "run:old", "amount": 1}
    (picture,) = _pictures([own, other], **asked)
    half = picture.shape[0] // 2
    assert _only(picture[:half, :half]) == (5, 5, 5)
    assert _only(picture[:half, half:]) == (30, 30, 30)
    # The third has no counterpart: it is crossed out.
    crossed = raster.cross((half, half), "light")
    assert np.array_equal(picture[half:, :half], crossed)
    assert _only(picture[half:, half:]) == (255, 255, 255)
    (alone,) = _pictures([own, other], sample=1, **asked)
    assert _only(alone) == (30, 30, 30)
    with pytest.raises(errors.AnimateError, match=r"no sample 2: .*'old' has 2 samples"):
        _pictures([own, other], sample=2, **asked)


def test_broken_frames_are_shown_without_a_comparison() -> None:
    own = _run("new", OWN[:2], 10)
    other = images({0: [b"no picture"], 10: [flat(OTHER[1])]}, run="old")
    shown = _pictures([own, other], compare="wipe", against="run:old", amount=0)
    assert [_only(picture) for picture in shown] == [OWN[0], OTHER[1]]


def test_what_moves_by_itself_moves_beside_the_other() -> None:
    own = images({0: [moving([0, 100])]}, run="new")
    other = images({0: [moving([50, 250])]}, run="old")
    shown = _pictures([own, other], compare="difference", against="run:old", amount=1)
    assert [_only(picture)[0] for picture in shown] == [50, 150]


def test_captions_tell_what_is_compared() -> None:
    assert Comparison("difference", "run:a/b", 4).words == (
        "difference x4 of a/b, white = 64 or more of 255"
    )
    assert Comparison("onion", "first").words == "50% of first frame"
    assert Comparison("wipe", "previous", 0.2).words == "right: previous frame"
    both = [_run("new", OWN[:1], 10), _run("old", OTHER[:1], 10)]
    size = {"width": 600, "height": 200}
    told = [
        _pictures(both, **size, caption=True, compare=mode, against="run:old")[0][:44]
        for mode in ("off", "onion")
    ]
    assert not np.array_equal(*told)


def test_what_cannot_be_compared_is_refused_in_a_sentence() -> None:
    index = _run("new", OWN, 10)
    with pytest.raises(errors.NotFound, match="Run 'gone' has not logged 'generated'"):
        _pictures([index], compare="wipe", against="run:gone")
    for mode, amount, wanted in (
        ("wipe", 2, "a number from 0 to 1"),
        ("difference", 0.5, "a whole number from 1 to 16"),
        ("difference", 2.5, "a whole number from 1 to 16"),
    ):
        said = f"amount is {amount:g}; with compare={mode} it must be {wanted}."
        with pytest.raises(errors.AnimateError, match=f"^{said}$"):
            _pictures([index], compare=mode, amount=amount)
    for against in ("last", "run:", "old", "run:" + 2000 * "x"):
        with pytest.raises(errors.AnimateError, match="first, previous or run: and a run's name"):
            params.from_query({"against": [against]})


PIXELS = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)


@pytest.mark.parametrize(("brightness", "contrast"), [(50, 100), (100, 250), (180, 60), (0, 500)])
def test_brightness_and_contrast(brightness: int, contrast: int) -> None:
    index = images({0: [encode(PIXELS)]})
    (shown,) = _pictures([index], brightness=brightness, contrast=contrast)
    contrasted = np.clip((PIXELS / 255 - 0.5) * contrast / 100 + 0.5, 0, 1)
    wanted = 255 * np.clip(contrasted * brightness / 100, 0, 1)
    scale = SIDE // 8
    assert np.abs(shown[scale // 2 :: scale, scale // 2 :: scale] - wanted).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ({"brightness": 200, "tween": 1}, [255, 250, 0]),
        ({"contrast": 300, "tween": 1}, [255, 120, 0]),
        ({"brightness": 200, "compare": "onion", "amount": 0.5}, [255, 250]),
        ({"brightness": 200, "compare": "wipe", "amount": 0}, [255, 255]),
    ],
)
def test_what_is_mixed_is_adjusted_once_it_is(asked: dict[str, Any], seen: list[int]) -> None:
    """Levels that are clamped before would make it darker."""
    index = images({0: [flat(250)], 10: [flat(0)]})
    assert [_only(shown)[0] for shown in _pictures([index], **asked)] == seen


def test_cells_of_either_step_are_adjusted() -> None:
    """Where only the next step has a sample, the background is mixed with it."""
    index = images({0: [flat(100)], 10: [flat(100), flat(100)]})
    first, between, last = _pictures([index], brightness=50, tween=1, theme="light")
    background = raster.PALETTES["light"].background[0]
    assert [int(shown[10, 10, 0]) for shown in (first, between, last)] == [50] * 3
    halfway = (100 + background) / 4
    assert int(first[10, -10, 0]) == background
    assert [int(shown[10, -10, 0]) for shown in (between, last)] == [
        pytest.approx(halfway, abs=1),
        50,
    ]


def test_differences_are_of_logged_values() -> None:
    asked = {"compare": "difference", "amount": 1, "brightness": 30, "contrast": 300}
    shown = _pictures([_run("new", OWN[:2], 10)], **asked)
    assert _only(shown[1]) == _apart(*OWN[:2])


def test_enlarged_pixels_are_crisp_or_smooth() -> None:
    index = images({0: [encode(PIXELS)]})
    (crisp,), (smooth,) = (_pictures([index], smooth=smooth) for smooth in ("off", "on"))
    assert len(np.unique(crisp.reshape(-1, 3), axis=0)) == PIXELS.size // 3
    assert len(np.unique(smooth.reshape(-1, 3), axis=0)) > 10 * PIXELS.size // 3
    middle = np.s_[8::16, 8::16]
    assert np.abs(crisp[middle].astype(int) - smooth[middle]).mean() < 8


def test_zoom_shows_what_is_asked_for() -> None:
    index = images({0: [encode(PIXELS)]})
    (whole,) = _pictures([index])
    (same,) = _pictures([index], zoom="0.1,0.9,1")
    assert np.array_equal(whole, same)
    # Twice as large, about the picture's middle.
    (middle,) = _pictures([index], zoom="0.5,0.5,2")
    scale = 2 * SIDE // 8
    logged = PIXELS[1:5, 2:6]
    assert np.array_equal(middle[12 - 4 :: scale, 16::scale][:3], logged[:3])
    # No further than the edge.
    (corner,) = _pictures([index], zoom="0,0,4")
    assert np.array_equal(corner[20, 20], PIXELS[0, 0])
    assert np.array_equal(corner[-20, -20], PIXELS[1, 1])
    for bad in ("1,1", "0,0,0.5", "0,2,1", "0,0,2000", "0,0,nan", "a,b,c"):
        with pytest.raises(errors.AnimateError, match="three numbers x,y,zoom"):
            params.from_query({"zoom": [bad]})


def test_zoom_into_a_grid_leaves_no_gaps() -> None:
    index = images({0: [flat(40 * n + 40, (5, 7)) for n in range(4)]})
    (picture,) = _pictures([index], zoom="0.37,0.61,3.3")
    assert not (picture == 255).all(-1).any()
    assert set(np.unique(picture)) <= {40, 80, 120, 160}


@given(
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    amount=st.floats(0, 1),
)
def test_a_wipe_loses_no_column(width: int, height: int, amount: float) -> None:
    own, other = raster.blank((width, height), (1, 1, 1)), raster.blank((width, height), (2, 2, 2))
    mixed = compare.mixed(own, other, [], Comparison("wipe", "first", amount))
    line = int((mixed[0, :, 0] == 1).sum())
    assert (mixed[:, :line] == 1).all()
    assert (mixed[:, line:] == 2).all()
    assert abs(line - amount * width) <= 0.5


def test_levels_are_whole_where_nothing_is_changed() -> None:
    assert np.array_equal(gallery.levels(100, 100), np.arange(256))


def test_a_gif_of_a_comparison() -> None:
    both = [_run("new", OWN, 10), _run("old", OTHER, 15)]
    spec = ClipSpec(options={"compare": "onion", "against": "run:old"})
    plan = export.plan(MemorySource(both), [both[0].series.id], spec, encoders.get("gif"))
    assert b"".join(plan.encode()).startswith(b"GIF89a")

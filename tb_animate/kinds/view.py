"""From where a cloud of points is looked at.

The browser draws the same from the same numbers: what is a constant here is one there, too.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SCALE = 0.44  # of the picture's shorter side: what a distance of 1 is long
EYE = 4.0  # distance from the middle, along which 3D is foreshortened
NEAR = 0.1  # what is nearer to the eye is not drawn
FIT = 0.55  # where the view follows the cloud, its root mean square distance from its middle

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e-?[0-9]{1,2})?", re.ASCII)


class Camera(NamedTuple):
    """What of the plane is in the middle, how large it is, and from where space is seen.

    Attributes:
      x, y: of the plane, in units of the projection.
      yaw, pitch: degrees; with 0 and 0 the third axis points at the viewer.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    yaw: float = 35.0
    pitch: float = 20.0


LIMITS = Camera(1e3, 1e3, 1e3, 1e6, 90.0)
LEAST_ZOOM = 1e-2


def camera(text: str) -> Camera:
    """Raises `ValueError` for anything but five numbers that one can look from."""
    parts = text.split(",")
    if len(parts) != len(LIMITS) or not all(map(_NUMBER.fullmatch, parts)):
        raise ValueError
    found = Camera(*map(float, parts))
    if any(abs(value) > most for value, most in zip(found, LIMITS, strict=True)):
        raise ValueError
    if found.zoom < LEAST_ZOOM:
        raise ValueError
    return found


class Seen(NamedTuple):
    """Points on the picture; shape [points] each, NaN where there is none to be seen.

    Attributes:
      x, y: pixels.
      factor: what sizes are multiplied with.
      depth: towards the viewer.
    """

    x: Floats
    y: Floats
    factor: Floats
    depth: Floats


class View(NamedTuple):
    """A camera over a picture.

    Attributes:
      size: (width, height) in pixels.
      centre: what follows the cloud, shape [3].
      scale: what distances from it are multiplied with.
    """

    size: tuple[int, int]
    camera: Camera
    centre: Floats
    scale: float

    def see(self, positions: NDArray[np.floating]) -> Seen:
        """Where points of shape [points, 2 or 3] lie."""
        dims = positions.shape[1]
        q = (positions.astype(np.float64) - self.centre[:dims]) * self.scale
        width, height = self.size
        long = SCALE * min(width, height) * self.camera.zoom
        if dims == 2:
            x, y = q.T
            factor, depth = np.where(np.isnan(x), np.nan, 1.0), np.zeros(len(q))
        else:
            x, y, depth = turned(q, self.camera)
            away = EYE - depth
            with np.errstate(invalid="ignore"):
                factor = EYE / np.where(away >= NEAR, away, np.nan)
            x, y = x * factor, y * factor
        return Seen(
            width / 2 + (x - self.camera.x) * long,
            height / 2 - (y - self.camera.y) * long,
            factor,
            depth,
        )


def turned(q: Floats, camera: Camera) -> tuple[Floats, Floats, Floats]:
    """Right, up and towards the viewer."""
    yaw, pitch = math.radians(camera.yaw), math.radians(camera.pitch)
    x, y, z = q.T
    right = x * math.cos(yaw) + z * math.sin(yaw)
    behind = -x * math.sin(yaw) + z * math.cos(yaw)
    up = y * math.cos(pitch) - behind * math.sin(pitch)
    return right, up, y * math.sin(pitch) + behind * math.cos(pitch)

"""The earlier frames that a picture shows behind the present one: an option of several kinds."""

from __future__ import annotations

from tb_animate.options import Field, whole

# More ridges lie closer together than a line is thick, and more lines cover a cloud.
MAX_TRAIL = 100

TRAIL = Field(
    "trail",
    whole(0, MAX_TRAIL),
    f"a whole number from 0 to {MAX_TRAIL}",
    "how many earlier frames are shown behind (each kind has a default of its own)",
    "N",
)

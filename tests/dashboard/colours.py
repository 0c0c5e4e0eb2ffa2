"""How far colours are from each other, as people see them."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

Color = npt.NDArray[np.floating]

# What eyes see that lack one kind of cone, of linear red, green and blue: Machado, Oliveira and
# Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009).
EYES: Final[Mapping[str, Color]] = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
_LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722])
_TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], _LUMINANCE, [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE: Final = _TO_XYZ @ np.ones(3)


def rgb(color: str) -> Color:
    return np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours as WCAG 2 has it: 1 where grey shows no difference."""
    dark, bright = sorted(float(_linear(color) @ _LUMINANCE) for color in (one, other))
    return (bright + 0.05) / (dark + 0.05)


def difference(one: Color, other: Color, eyes: str) -> float:
    """Return how far apart two colours look to such eyes (CIE 1976); 2.3 is just noticeable."""
    apart = _lab(EYES[eyes] @ _linear(one)) - _lab(EYES[eyes] @ _linear(other))
    return float(np.linalg.norm(apart))


def _linear(color: Color) -> Color:
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)


def _lab(linear: Color) -> Color:
    share = _TO_XYZ @ np.clip(linear, 0, 1) / _WHITE
    x, y, z = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

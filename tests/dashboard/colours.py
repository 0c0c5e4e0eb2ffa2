"""How far colours are from each other, as people see them."""

import numpy as np
import numpy.typing as npt


def rgb(color: str) -> npt.NDArray[np.floating]:
    return np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def contrast(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> float:
    """Return the contrast of two colours as WCAG 2 has it."""

    def luminance(color: npt.NDArray[np.floating]) -> float:
        linear = np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)

"""Colours as eyes see them, for the tests of figures in the light and in the dark."""

import numpy as np
from matplotlib.colors import to_rgb

# How a colour looks with no cones for red, green or blue (Machado, Oliveira, Fernandes, 2009),
# as matrices on linear RGB.
EYES = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(color: str | np.ndarray) -> np.ndarray:
    srgb = np.array(to_rgb(color))
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB under D65, in which a distance of 20 is plain to see."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(matrix) @ rgb.clip(0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """Between two colours in linear RGB, as WCAG 2 counts it."""
    light = sorted(np.array([0.2126, 0.7152, 0.0722]) @ color for color in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def hue(rgb: np.ndarray) -> float:
    """In degrees, in CIELAB."""
    _, a, b = lab(rgb)
    return np.degrees(np.arctan2(b, a))

"""Line plots as SVG, without a library."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_STYLE = """
text { fill: #6b7683; font: 11px sans-serif }
.axis { stroke: #c3cad2 }
.curve { fill: none; stroke: #b3261e; stroke-width: 2 }
.curve.beside { stroke: #6b7683; stroke-dasharray: 4 3 }
"""


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from `low` to `high` with the values to mark; `logarithmic` spaces decades evenly."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]
    logarithmic: bool = False

    def at(self, value: float) -> float:
        """Where a value lies between the ends, 0 to 1."""
        low, high, value = (math.log10(v) for v in (self.low, self.high, value)) if self.logarithmic else (self.low, self.high, value)
        return min(1.0, max(0.0, (value - low) / (high - low)))


WIDTH, HEIGHT, MARGIN = 460, 280, 46


def plot(title: str, across: Axis, up: Axis, curves: Sequence[tuple[str, Sequence[tuple[float, float]]]]) -> str:
    """A line plot as SVG: named curves of (across, up) points in the order given, the first of them the one that matters."""

    def point(x: float, y: float) -> tuple[float, float]:
        return MARGIN + across.at(x) * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - up.at(y) * (HEIGHT - 2 * MARGIN)

    left, bottom = point(across.low, up.low)
    right, top = point(across.high, up.high)
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="{escape(title)}">']
    for tick in up.ticks:
        y = point(across.low, tick)[1]
        parts.append(f'<line class="axis" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in across.ticks:
        x = point(tick, up.low)[0]
        parts.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 4}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{tick:g}</text>')
    parts.append(f'<text x="{(left + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across.label)}</text>')
    parts.append(f'<text x="{left}" y="{top - 10}">{escape(up.label)}</text>')
    for number, (name, points) in enumerate(curves):
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (point(*place) for place in points))
        parts.append(f'<polyline class="curve{" beside" if number else ""}" points="{line}"><title>{escape(name)}</title></polyline>')
    return f"{''.join(parts)}</svg>"


def figure(title: str, across: Axis, up: Axis, curves: Sequence[tuple[str, Sequence[tuple[float, float]]]]) -> str:
    """A plot with its title below, for a page with the styles of the report."""
    return f"<figure>{plot(title, across, up, curves)}<figcaption class='soft'>{escape(title)}</figcaption></figure>"


def image(drawing: str) -> str:
    """A plot as a file of its own, readable on light and dark ground."""
    head, tag, rest = drawing.partition(">")
    return f'{head} xmlns="http://www.w3.org/2000/svg"{tag}<style>{_STYLE}</style>{rest}\n'

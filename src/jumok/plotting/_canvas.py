"""A sheet to draw on in whole pixels, y downwards, for figures made of boxes and labels."""

from collections.abc import Iterable, Mapping
from typing import Any

from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from jumok.plotting._colours import INK, Number
from jumok.plotting._figure import FONT_SIZE, PIXELS_PER_INCH, Figure, finish, measuring_renderer
from jumok.plotting._svg import VERBATIM

Colour = str | tuple[str, Number]


class Canvas:
    """Draws in pixels; the figure is cut to what was drawn. To be used inside ``style()``."""

    def __init__(self) -> None:
        self.figure = MatplotlibFigure(figsize=(1, 1))
        self.renderer = measuring_renderer(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, PIXELS_PER_INCH), ylim=(PIXELS_PER_INCH, 0))
        self.axes.set_axis_off()

    def width(self, text: str, size: Number = FONT_SIZE, weight: str = "normal") -> Number:
        """The width of a text in pixels."""
        font = FontProperties(size=size, weight=weight)
        renderer: Any = self.renderer
        return float(renderer.get_text_width_height_descent(text, font, False)[0])

    def text(
        self,
        x: Number,
        y: Number,
        text: str,
        *,
        size: Number = FONT_SIZE,
        align: str = "center",
        turn: Number = 0,
        colour: Colour = INK,
        weight: str = "normal",
        verbatim: bool = False,
    ) -> None:
        """Write a line of text whose baseline runs through (x, y); data is to be ``verbatim``."""
        colour, opacity = (colour, None) if isinstance(colour, str) else colour
        self.axes.text(
            x, y, text, fontsize=size, ha=align, va="baseline", rotation=turn,
            rotation_mode="anchor", color=colour, alpha=opacity, weight=weight,
            gid=VERBATIM if verbatim else None,
        )  # fmt: skip

    def middle(
        self, x: Number, y: Number, text: str, *, size: Number = FONT_SIZE, **how: Any
    ) -> None:
        """Write a line of text whose lower-case letters are centred on y."""
        self.text(x, y + 0.36 * size, text, size=size, **how)

    def rectangles(
        self,
        rectangles: Iterable[tuple[Number, Number, Number, Number]],
        *,
        fill: Colour | None = None,
        line: Colour | None = None,
        thickness: Number = 1,
        name: str | None = None,
    ) -> None:
        """Draw rectangles (x, y, width, height) of one colour as one shape."""
        vertices: list[tuple[Number, Number]] = []
        codes: list[Any] = []
        for x, y, width, height in rectangles:
            right, bottom = x + width, y + height
            vertices += [(x, y), (right, y), (right, bottom), (x, bottom), (x, y)]
            codes += [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
        self._add(PathPatch(Path(vertices, codes), **_paint(fill, line, thickness)), name)

    def box(
        self,
        x: Number,
        y: Number,
        width: Number,
        height: Number,
        *,
        fill: Colour | None = None,
        line: Colour | None = (INK, 0.5),
        radius: Number = 4,
        thickness: Number = 1,
        dashed: bool = False,
    ) -> None:
        """Draw a rectangle with round corners."""
        patch = FancyBboxPatch(
            (x, y), width, height, boxstyle=f"round,pad=0,rounding_size={radius}",
            **_paint(fill, line, thickness), linestyle=(0, (3, 3)) if dashed else "-",
        )  # fmt: skip
        self._add(patch, None)

    def line(
        self,
        points: Iterable[tuple[Number, Number]],
        *,
        colour: Colour = (INK, 0.7),
        thickness: Number = 1.2,
        arrow: bool = False,
    ) -> None:
        """Draw a line through points, with an arrow head at its end if wanted."""
        corners = list(points)
        self._add(PathPatch(Path(corners), **_paint(None, colour, thickness)), None)
        if arrow:
            (before_x, before_y), (x, y) = corners[-2:]
            length = ((x - before_x) ** 2 + (y - before_y) ** 2) ** 0.5
            back_x, back_y = 6 * (before_x - x) / length, 6 * (before_y - y) / length
            left = (x + back_x - back_y / 2, y + back_y + back_x / 2)
            right = (x + back_x + back_y / 2, y + back_y - back_x / 2)
            self._add(
                PathPatch(Path([left, (x, y), right]), **_paint(None, colour, thickness)), None
            )

    def _add(self, patch: Any, name: str | None) -> None:
        patch.set_clip_on(False)
        patch.set_gid(name)
        self.axes.add_artist(patch)

    def finish(
        self,
        alt: str,
        images: Mapping[str, tuple[str, bool]] | None = None,
        *,
        numbers: str = "",
    ) -> Figure:
        """The figure, cut to what was drawn, with its tables."""
        return finish(self.figure, alt, images, numbers)


def _paint(fill: Colour | None, line: Colour | None, thickness: Number) -> dict[str, Any]:
    return {
        "facecolor": "none" if fill is None else fill,
        "edgecolor": "none" if line is None else line,
        "linewidth": 0 if line is None else thickness,
    }

"""A small paint box on Pillow: skies, light, mist, ridges, water, grain. Everything random comes from the canvas's seed.

Places and sizes are shares of the canvas: x and y of its width and height, lengths of its shorter side. So one scene can
be painted upright and wide.
"""

import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageOps

Colour = str
Stops = Sequence[tuple[float, Colour]]
Points = Sequence[tuple[float, float]]

SMOOTH = 2  # masks are drawn this many times larger


def _rgb(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def ramp(stops: Stops) -> tuple[list[int], list[int], list[int]]:
    """Return three lookup tables that turn a grey 0..255 into the colours of `stops` (0..1)."""
    tables: tuple[list[int], list[int], list[int]] = ([], [], [])
    ends = [(place, _rgb(colour)) for place, colour in stops]
    for grey in range(256):
        at = grey / 255
        after = next((index for index, (place, _c) in enumerate(ends) if place >= at), len(ends) - 1)
        before = max(after - 1, 0)
        (low, first), (high, second) = ends[before], ends[after]
        share = 0.0 if high <= low else min(max((at - low) / (high - low), 0.0), 1.0)
        share = share * share * (3 - 2 * share)
        for table, start, end in zip(tables, first, second, strict=True):
            table.append(round(start + (end - start) * share))
    return tables


def ramp_down(size: tuple[int, int]) -> Image.Image:
    """Return a grey ramp from black at the top to white at the bottom. Stretching one column costs next to nothing."""
    column = Image.linear_gradient("L").crop((0, 0, 1, 256)).resize((1, size[1]), Image.Resampling.BILINEAR)
    return column.resize(size, Image.Resampling.NEAREST)


def coloured(grey: Image.Image, stops: Stops) -> Image.Image:
    return Image.merge("RGB", [grey.point(table) for table in ramp(stops)])


def _scaled(mask: Image.Image, strength: float) -> Image.Image:
    return mask if strength == 1 else mask.point([round(value * strength) for value in range(256)])


class Pen:
    """Notes the parts of a figure in its own units: one is the shorter side times the figure's scale.

    They are drawn afterwards, onto a mask no larger than the figure.
    """

    def __init__(self, left: float, top: float, unit: float) -> None:
        self._left, self._top, self._unit = left, top, unit
        self._parts: list[tuple[str, list[float], dict[str, float]]] = []
        self._x: list[float] = []
        self._y: list[float] = []

    def _note(self, kind: str, points: Points, margin: float = 0.0, **how: float) -> "Pen":
        placed: list[float] = []
        for x, y in points:
            placed += (self._left + x * self._unit, self._top + y * self._unit)
        self._x += (min(placed[::2]) - margin * self._unit, max(placed[::2]) + margin * self._unit)
        self._y += (min(placed[1::2]) - margin * self._unit, max(placed[1::2]) + margin * self._unit)
        self._parts.append((kind, placed, how))
        return self

    def polygon(self, points: Points, fill: int = 255) -> "Pen":
        return self._note("polygon", points, fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: int = 255, *, radius: float = 0) -> "Pen":
        return self._note(
            "rounded_rectangle", [(left, top), (right, bottom)], fill=fill, radius=radius * self._unit * SMOOTH
        )

    def oval(self, x: float, y: float, across: float, down: float | None = None, fill: int = 255) -> "Pen":
        down = across if down is None else down
        return self._note("ellipse", [(x - across, y - down), (x + across, y + down)], fill=fill)

    def ring(self, x: float, y: float, radius: float, width: float, fill: int = 255) -> "Pen":
        thick = max(1, round(width * self._unit * SMOOTH))
        return self._note("ellipse", [(x - radius, y - radius), (x + radius, y + radius)], outline=fill, width=thick)

    def slice(self, x: float, y: float, radius: float, start: float, end: float, fill: int = 255) -> "Pen":
        box = [(x - radius, y - radius), (x + radius, y + radius)]
        return self._note("pieslice", box, start=start, end=end, fill=fill)

    def line(self, points: Points, width: float, fill: int = 255) -> "Pen":
        thick = max(1, round(width * self._unit * SMOOTH))
        return self._note("line", points, margin=width, fill=fill, width=thick)

    def render(self, size: tuple[int, int], spare: float) -> tuple[Image.Image, tuple[int, int]] | None:
        """Return the figure's mask and where it goes on a canvas of `size`, or None when it lies outside."""
        if not self._parts:
            return None
        left, top = max(0, math.floor(min(self._x) - spare)), max(0, math.floor(min(self._y) - spare))
        right = min(size[0], math.ceil(max(self._x) + spare) + 1)
        bottom = min(size[1], math.ceil(max(self._y) + spare) + 1)
        if right <= left or bottom <= top:
            return None
        big = Image.new("L", ((right - left) * SMOOTH, (bottom - top) * SMOOTH))
        pen = ImageDraw.Draw(big)
        for kind, placed, how in self._parts:
            moved = [(value - (top if index % 2 else left)) * SMOOTH for index, value in enumerate(placed)]
            getattr(pen, kind)(moved, **how, **({"joint": "curve"} if kind == "line" else {}))
        return big.reduce(SMOOTH), (left, top)


class Canvas:
    """A picture in the making. `focus` is where the subject stands across: left of it stays calm in a wide picture."""

    def __init__(self, width: int, height: int, seed: str, *, focus: float = 0.5) -> None:
        self.size = (width, height)
        self.width, self.height = width, height
        self.side = min(width, height)
        self.is_wide = width > height
        self.focus = focus
        self.random = random.Random(seed)  # noqa: S311 -- pictures, not secrets
        self.image = Image.new("RGB", self.size)

    # --- places ---

    def x(self, offset: float) -> float:
        """Return the x share of a point `offset` shorter sides right of the focus."""
        return self.focus + offset * self.side / self.width

    # --- grounds ---

    def sky(self, stops: Stops, *, slant: float = 0.0) -> None:
        """Fill everything from top to bottom, turned by `slant` degrees; a little noise keeps it from banding."""
        grey = ramp_down((round(self.width * 1.5), round(self.height * 1.5)) if slant else self.size)
        if slant:
            grey = grey.rotate(slant, Image.Resampling.BICUBIC)
            left, top = (grey.width - self.width) // 2, (grey.height - self.height) // 2
            grey = grey.crop((left, top, left + self.width, top + self.height))
        self.image = coloured(self._dithered(grey), stops)

    def _dithered(self, grey: Image.Image) -> Image.Image:
        noise = self.noise_bytes(*grey.size).point([round((value - 128) / 128 * 2.4 + 128) for value in range(256)])
        return ImageChops.add(grey, noise, 1, -128)

    def noise_bytes(self, width: int, height: int) -> Image.Image:
        return Image.frombytes("L", (width, height), self.random.randbytes(width * height))

    def cloud(self, across: float, down: float, octaves: int = 5) -> Image.Image:
        """Return soft fractal noise of the canvas's size; `across` and `down` say how many lumps the coarsest has."""
        half = (self.width // 2, self.height // 2)
        total = Image.new("L", half, 128)
        for octave in range(octaves):
            columns, rows = max(2, round(across * 2**octave)), max(2, round(down * 2**octave))
            layer = self.noise_bytes(columns, rows).resize(half, Image.Resampling.BICUBIC)
            total = Image.blend(total, layer, 0.62 if octave == 0 else 0.30 * 0.82**octave)
        return ImageOps.autocontrast(total).resize(self.size, Image.Resampling.BILINEAR)

    # --- putting things on ---

    def lay(
        self, colour: Colour | Image.Image, mask: Image.Image, *, at: tuple[int, int] = (0, 0), mode: str = "over"
    ) -> None:
        """Bring colour in through a mask: `over` covers, `light` adds as light does, `shade` multiplies."""
        inside = mask.getbbox()
        if inside is None:
            return
        mask = mask.crop(inside)
        box = (at[0] + inside[0], at[1] + inside[1], at[0] + inside[2], at[1] + inside[3])
        paint = Image.new("RGB", mask.size, _rgb(colour)) if isinstance(colour, str) else colour.crop(box)
        if mode == "over":
            self.image.paste(paint, box, mask)
            return
        ground = Image.new("RGB", mask.size, "black" if mode == "light" else "white")
        lit = Image.composite(paint, ground, mask)
        combine = ImageChops.screen if mode == "light" else ImageChops.multiply
        self.image.paste(combine(self.image.crop(box), lit), box)

    def mask(self, draw: Callable[[ImageDraw.ImageDraw, float, float], None], *, blur: float = 0.0) -> Image.Image:
        """Return a mask of the whole canvas that `draw(pen, width, height)` draws at twice its size."""
        big = Image.new("L", (self.width * SMOOTH, self.height * SMOOTH))
        draw(ImageDraw.Draw(big), big.width, big.height)
        small = big.reduce(SMOOTH)
        return small.filter(ImageFilter.GaussianBlur(blur * self.side)) if blur else small

    def draw(
        self,
        draw: Callable[[ImageDraw.ImageDraw, float, float], None],
        colour: Colour | Image.Image,
        *,
        blur: float = 0.0,
        mode: str = "over",
        strength: float = 1.0,
    ) -> None:
        mask = self.mask(draw, blur=blur)
        self.lay(colour, _scaled(mask, strength), mode=mode)

    def put(
        self, pen: Pen, colour: Colour | Image.Image, *, blur: float = 0.0, mode: str = "over", strength: float = 1.0
    ) -> None:
        """Draw what the pen noted."""
        rendered = pen.render(self.size, blur * self.side * 3)
        if rendered is None:
            return
        mask, at = rendered
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * self.side))
        self.lay(colour, _scaled(mask, strength), at=at, mode=mode)

    def shape(
        self,
        points: Points,
        colour: Colour | Image.Image,
        *,
        blur: float = 0.0,
        mode: str = "over",
        strength: float = 1.0,
    ) -> None:
        """Fill a polygon whose corners are shares of the canvas."""
        pen = Pen(0, 0, 1)
        pen.polygon([(x * self.width, y * self.height) for x, y in points])
        self.put(pen, colour, blur=blur, mode=mode, strength=strength)

    def figure(
        self,
        draw: Callable[[Pen], object],
        colour: Colour | Image.Image,
        *,
        y: float,
        x: float = 0.0,
        scale: float = 1.0,
        blur: float = 0.0,
        mode: str = "over",
        strength: float = 1.0,
    ) -> None:
        """Draw a figure anchored `x` shorter sides right of the focus, at the share `y` of the height."""
        pen = Pen(self.x(x) * self.width, y * self.height, self.side * scale)
        draw(pen)
        self.put(pen, colour, blur=blur, mode=mode, strength=strength)

    # --- light ---

    def glow(
        self, x: float, y: float, radius: float, colour: Colour, *, strength: float = 1.0, power: float = 2.0
    ) -> None:
        """Add a round light that fades to nothing at `radius`."""
        across = max(2, round(radius * self.side * 2))
        fall = Image.radial_gradient("L").point(
            [round(255 * min(strength, 1.0) * max(0.0, 1 - value / 181) ** power) for value in range(256)]
        )
        left, top = round(x * self.width - across / 2), round(y * self.height - across / 2)
        spot = fall.resize((across, across), Image.Resampling.BILINEAR)
        seen = (max(0, -left), max(0, -top), min(across, self.width - left), min(across, self.height - top))
        if seen[0] < seen[2] and seen[1] < seen[3]:
            self.lay(colour, spot.crop(seen), at=(left + seen[0], top + seen[1]), mode="light")

    def disc(self, x: float, y: float, radius: float, colour: Colour | Image.Image, *, blur: float = 0.0) -> None:
        pen = Pen(x * self.width, y * self.height, self.side)
        pen.oval(0, 0, radius)
        self.put(pen, colour, blur=blur)

    def spot(self, x: float, y: float, radius: float, texture: Image.Image) -> Image.Image:
        """Return `texture` as a mask, cut to a disc."""
        reach = radius * self.side * SMOOTH

        def draw(pen: ImageDraw.ImageDraw, w: float, h: float) -> None:
            pen.ellipse((x * w - reach, y * h - reach, x * w + reach, y * h + reach), fill=255)

        return ImageChops.multiply(self.mask(draw), texture)

    def stars(self, count: int, *, to_y: float, colour: Colour = "#ffffff", size: float = 0.0016) -> None:
        def draw(pen: ImageDraw.ImageDraw, w: float, h: float) -> None:
            for _ in range(count):
                x, y = self.random.random() * w, self.random.random() ** 1.4 * to_y * h
                r = self.side * SMOOTH * size * self.random.uniform(0.25, 1.0) ** 2
                pen.ellipse((x - r, y - r, x + r, y + r), fill=self.random.randint(70, 255))

        self.draw(draw, colour, mode="light")

    def rays(
        self, x: float, y: float, count: int, length: float, colour: Colour, *, strength: float, spread: float
    ) -> None:
        """Add beams from a point, `spread` radians around straight down."""

        def draw(pen: ImageDraw.ImageDraw, w: float, h: float) -> None:
            reach = length * self.side * SMOOTH
            for index in range(count):
                angle = math.pi / 2 + spread * ((index + self.random.uniform(0.2, 0.8)) / count - 0.5)
                half = spread / count * self.random.uniform(0.15, 0.5)
                ends = [
                    (x * w + math.cos(side) * reach, y * h + math.sin(side) * reach)
                    for side in (angle - half, angle + half)
                ]
                pen.polygon([(x * w, y * h), *ends], fill=self.random.randint(60, 200))

        mask = self.mask(draw, blur=0.012)
        fall = ramp_down(self.size).point([round((255 - v) * strength) for v in range(256)])
        self.lay(colour, ImageChops.multiply(mask, fall), mode="light")

    def bokeh(
        self, count: int, colours: Sequence[Colour], *, box: tuple[float, float, float, float], size: float
    ) -> None:
        left, top, right, bottom = box
        for colour in colours:

            def draw(pen: ImageDraw.ImageDraw, w: float, h: float) -> None:
                for _ in range(count // len(colours)):
                    x, y = self.random.uniform(left, right) * w, self.random.uniform(top, bottom) * h
                    r = self.side * SMOOTH * size * self.random.uniform(0.3, 1)
                    pen.ellipse((x - r, y - r, x + r, y + r), fill=self.random.randint(30, 150))

            self.draw(draw, colour, blur=size * 0.12, mode="light")

    # --- land and water ---

    def ridge_line(
        self, y: float, height: float, *, rough: float = 0.55, points: int = 257
    ) -> list[tuple[float, float]]:
        """Return a mountain line around `y` by midpoint displacement; heights are shares of the canvas's height."""
        line = [0.0] * points
        line[0], line[-1] = (self.random.uniform(-0.5, 0.5) for _ in range(2))
        step, reach = points - 1, 1.0
        while step > 1:
            for left in range(0, points - 1, step):
                middle = (line[left] + line[left + step]) / 2
                line[left + step // 2] = middle + self.random.uniform(-reach, reach) * 0.5
            step, reach = step // 2, reach * rough
        return [(index / (points - 1), y - value * height) for index, value in enumerate(line)]

    def land(self, line: Points, colour: Colour, *, foot: Colour | None = None, blur: float = 0.0) -> None:
        """Fill below a line; `foot` is the colour it fades to at the bottom, as haze does."""
        polygon = [*line, (1.0, 1.0), (0.0, 1.0)]
        if foot is None:
            self.shape(polygon, colour, blur=blur)
            return
        top = min(y for _x, y in line)
        grey = ramp_down(self.size).point(
            [round(min(max((value / 255 - top) / max(1 - top, 0.01), 0), 1) * 255) for value in range(256)]
        )
        self.shape(polygon, coloured(self._dithered(grey), [(0, colour), (1, foot)]), blur=blur)

    def mist(self, y: float, height: float, colour: Colour, *, strength: float, lumps: float = 3) -> None:
        """Lay drifting mist around `y`."""
        band = ramp_down(self.size).point(
            [round(255 * strength * math.exp(-(((value / 255 - y) / height) ** 2))) for value in range(256)]
        )
        self.lay(colour, ImageChops.multiply(band, self.cloud(lumps, lumps * 2.5)))

    def mirror(self, y: float, *, ripple: float = 0.01, dim: float = 0.75, tint: Colour = "#000000") -> None:
        """Let everything below `y` be water that reflects what is above it."""
        shore = round(y * self.height)
        depth = self.height - shore
        above = self.image.crop((0, max(0, shore - depth), self.width, shore)).transpose(
            Image.Transpose.FLIP_TOP_BOTTOM
        )
        above = above.filter(ImageFilter.BoxBlur((0, self.side * 0.004))).resize((self.width, depth))
        above = Image.blend(Image.new("RGB", above.size, _rgb(tint)), above, dim)
        phase, row = 0.0, 0
        while row < depth:
            far = row / depth
            thick = max(1, round(1 + far * 3 * self.side / 1000))
            phase += self.random.uniform(0.2, 1.4)
            shift = round(math.sin(phase) * ripple * self.side * (0.2 + far * 1.8))
            strip = above.crop((0, row, self.width, min(depth, row + thick)))
            self.image.paste(ImageChops.offset(strip, shift, 0), (0, shore + row))
            row += thick

    def rain(self, count: int, colour: Colour, *, strength: float, slant: float = 0.12, length: float = 0.09) -> None:
        def draw(pen: ImageDraw.ImageDraw, w: float, h: float) -> None:
            for _ in range(count):
                x, y = self.random.uniform(-0.1, 1.1) * w, self.random.uniform(-0.1, 1.0) * h
                reach = self.side * SMOOTH * length * self.random.uniform(0.3, 1)
                pen.line((x, y, x - reach * slant, y + reach), fill=self.random.randint(20, 150), width=SMOOTH)

        self.draw(draw, colour, mode="light", strength=strength)

    # --- the last touch ---

    def calm_left(self, colour: Colour, *, strength: float = 0.75) -> None:
        """Quieten the left side of a wide picture, where a page sets its words."""
        if self.is_wide:
            fall = Image.linear_gradient("L").rotate(90).resize(self.size)
            self.lay(colour, fall.point([round(255 * strength * max(0, 1 - v / 148) ** 1.5) for v in range(256)]))

    def finish(self, *, grain: float = 0.022, vignette: float = 0.40) -> Image.Image:
        """Return the picture with darker corners and film grain."""
        corners = Image.radial_gradient("L").resize(self.size, Image.Resampling.BICUBIC)
        self.lay(
            "#000000", corners.point([round(255 * vignette * max(0.0, v / 255 - 0.32) ** 1.6) for v in range(256)])
        )
        noise = self.noise_bytes(*self.size).filter(ImageFilter.GaussianBlur(0.7))
        noise = noise.point([round(min(max((v - 128) * 2.2 * grain * 4 + 128, 0), 255)) for v in range(256)])
        self.image = ImageChops.soft_light(self.image, Image.merge("RGB", [noise] * 3))
        return self.image

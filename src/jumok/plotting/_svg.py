"""Matplotlib's SVG document, rewritten as a small element that follows the page's colours."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, fromstring
from xml.sax.saxutils import escape, quoteattr

INK = "#000000"
# Narrower than this share of its width, a figure scrolls rather than becoming too small to read.
SMALLEST_SCALE = 0.78
# A figure that has to scroll on a phone, which has so many pixels for it, needn't be small as well.
PHONE, SCROLLING_SCALE = 330, 0.92
# What SVG assumes anyway.
DEFAULTS = {"stroke-linejoin": "round", "stroke-linecap": "butt", "stroke-width": "1"}
# A text with this name for Matplotlib (its gid) is data, such as a token. The class is the one that
# translating programs know: they leave the text as it is, and so do the site's own translations.
VERBATIM = "verbatim"
VERBATIM_CLASS = "notranslate"
KEPT = (
    "fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray",
    "stroke-linecap", "stroke-linejoin", "opacity", "font-size", "font-weight", "font-style",
    "text-anchor",
)  # fmt: skip


def clean(source: str, alt: str, images: Mapping[str, tuple[str, bool]]) -> str:
    """The ``<svg>`` element of a page from an SVG document that Matplotlib wrote."""
    root = fromstring(source)
    width, height = (round(float(number)) for number in root.attrib["viewBox"].split()[2:])
    nodes = [node for child in root for node in _rewrite(child, images)]
    used = {reference for node in _walk(nodes) for reference in _references(node)}
    nodes = [node for node in nodes if node.get("id", "") in used or _draws(node)]
    font_size = _most_common_font_size(nodes)
    body = "".join(map(_serialise, nodes))

    # Ids come from the content: the same figure is the same text, and two figures of a page
    # never share an id.
    digest = hashlib.sha256((alt + body).encode()).hexdigest()[:8]
    for number, old in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', body))):
        new = f"j{digest}-{number}"
        for before, after in ((' id="', '"'), ("url(#", ")"), (' href="#', '"')):
            body = body.replace(f"{before}{old}{after}", f"{before}{new}{after}")

    scale = SMALLEST_SCALE if width * SMALLEST_SCALE <= PHONE else SCROLLING_SCALE
    looks = f"max-width:100%;min-width:{round(width * scale)}px;height:auto"
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" style="{looks}" role="img" '
        f'aria-label={quoteattr(alt)} font-size="{font_size}" '
        f'fill="currentColor" stroke-linejoin="round"><title>{escape(alt)}</title>{body}</svg>'
    )


def number(value: int | float) -> str:
    """A coordinate with two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-0.", "-.").removeprefix("0") or "0"


def _rewrite(node: Element, images: Mapping[str, tuple[str, bool]]) -> Iterator[Element]:
    """What is worth keeping of a node: groups that only carry a name dissolve."""
    tag = node.tag.rsplit("}")[-1]
    children = [new for child in node for new in _rewrite(child, images)]
    if tag == "g" and node.get("id") == VERBATIM:
        for text in (part for child in children for part in child.iter("text")):
            text.set("class", VERBATIM_CLASS)
    if tag == "g" and node.get("id") in images:
        yield _image(node, *images[node.attrib["id"]])
    elif tag == "g" and "clip-path" in node.attrib:
        yield _element("g", {"clip-path": node.attrib["clip-path"]}, children)
    elif tag in ("g", "defs"):
        yield from children
    elif tag == "path" and "id" in node.attrib:  # a marker, drawn by <use> elsewhere
        shape = _element("path", {"id": node.attrib["id"], "d": compact(node.attrib["d"])}, [])
        yield _element("defs", {}, [shape])
    elif tag == "clipPath":
        yield _element("defs", {}, [_element("clipPath", {"id": node.attrib["id"]}, children)])
    elif tag in ("path", "rect", "use", "text"):
        yield _shape(tag, node)


def _element(tag: str, attributes: dict[str, str], children: list[Element]) -> Element:
    element = Element(tag, attributes)
    element.extend(children)
    return element


def _shape(tag: str, node: Element) -> Element:
    """A drawn element with presentation attributes instead of a style, defaults left out."""
    new = Element(tag)
    for name in ("x", "y", "width", "height"):
        if name in node.attrib:
            new.set(name, number(float(node.attrib[name])))
    if tag == "path":
        new.set("d", compact(node.attrib["d"]))
    if tag == "use":
        new.set("href", node.attrib["{http://www.w3.org/1999/xlink}href"])
    if tag == "text":
        new.text = node.text
        _place(new, node.get("transform", ""))
    if "clip-path" in node.attrib:
        new.set("clip-path", node.attrib["clip-path"])
    style = dict(part.split(":", 1) for part in node.get("style", "").split(";") if part)
    for name, value in ((key.strip(), value.strip()) for key, value in style.items()):
        if name in KEPT and DEFAULTS.get(name) != value:
            new.set(name, _value(name, value))
    return new


def _value(name: str, value: str) -> str:
    if value == INK:
        return "currentColor"
    if name in ("font-size", "stroke-width", "fill-opacity", "stroke-opacity", "opacity"):
        return number(float(value.removesuffix("px")))
    return value


def _place(text: Element, transform: str) -> None:
    """Write where a text stands: x and y, and a rotation only if there is one."""
    shift = re.match(r"translate\((\S+) (\S+)\)", transform)
    turn = re.search(r"rotate\((\S+?)(?: \S+ \S+)?\)", transform)
    if shift:
        text.set("x", number(float(shift[1])))
        text.set("y", number(float(shift[2])))
    if turn and float(turn[1]) != 0:
        centre = f"{text.attrib['x']} {text.attrib['y']}"
        text.set("transform", f"rotate({number(float(turn[1]))} {centre})")


def _image(group: Element, uri: str, smooth: bool) -> Element:
    """The picture that takes the place of a rectangle."""
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", group[0].attrib["d"])]
    xs, ys = numbers[0::2], numbers[1::2]
    attributes = {
        "x": number(min(xs)),
        "y": number(min(ys)),
        "width": number(max(xs) - min(xs)),
        "height": number(max(ys) - min(ys)),
        "preserveAspectRatio": "none",
        "href": uri,
    }
    if not smooth:
        attributes["style"] = "image-rendering:pixelated"
    return Element("image", attributes)


def compact(path: str) -> str:
    """The same path in relative coordinates of two decimals.

    >>> compact("M 10 20 L 40 20 L 40 50.004 L 10 50 z")
    'M10 20h30v30h-30z'
    """
    result: list[str] = []
    here, start = (0, 0), (0, 0)  # in hundredths, so that rounding errors do not add up
    for command, arguments in re.findall(r"([MLCQzZ])([^MLCQzZ]*)", path):
        if command in "zZ":
            result.append("z")
            here = start
            continue
        values = [round(float(n) * 100) for n in arguments.split()]
        points = list(zip(values[0::2], values[1::2], strict=True))
        steps = [(x - here[0], y - here[1]) for x, y in points]
        here = points[-1]
        if command == "M":
            start = here
            result.append("M" + _join(points))
        elif command == "L" and steps[0][1] == 0:
            result.append("h" + number(steps[0][0] / 100))
        elif command == "L" and steps[0][0] == 0:
            result.append("v" + number(steps[0][1] / 100))
        else:
            result.append(command.lower() + _join(steps))
    return "".join(result)


def _join(points: list[tuple[int, int]]) -> str:
    numbers = (number(value / 100) for point in points for value in point)
    return " ".join(numbers).replace(" -", "-")


def _walk(nodes: list[Element]) -> Iterator[Element]:
    for node in nodes:
        yield from node.iter()


def _references(node: Element) -> list[str]:
    return re.findall(r"#([\w-]+)", node.get("clip-path", "") + " " + node.get("href", "")[:64])


def _draws(node: Element) -> bool:
    """Whether anything is seen of a node (Matplotlib writes invisible backgrounds)."""
    if node.tag == "defs":
        return True
    if node.tag == "g":
        return len(node) > 0
    return not (node.get("fill") == "none" and "stroke" not in node.attrib)


def _most_common_font_size(nodes: list[Element]) -> str:
    """Take the size that most texts have off them, for the whole figure to state once."""
    texts = [node for node in _walk(nodes) if node.tag == "text"]
    sizes = Counter(node.attrib["font-size"] for node in texts)
    if not sizes:
        return "12"
    common = sizes.most_common(1)[0][0]
    for node in texts:
        if node.attrib["font-size"] == common:
            del node.attrib["font-size"]
    return common


def _serialise(node: Element) -> str:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in node.attrib.items())
    content = escape(node.text or "") + "".join(map(_serialise, node))
    return (
        f"<{node.tag}{attributes}>{content}</{node.tag}>"
        if content
        else (f"<{node.tag}{attributes}/>")
    )

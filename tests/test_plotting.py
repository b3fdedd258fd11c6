"""Figures: sound SVG that is the same every time and follows the page's colours."""

import re
import subprocess
import sys
import warnings
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jumok.plotting import (
    Figure,
    architecture,
    attention_heads,
    bars,
    heatmap,
    lines,
    matrices,
    points,
    position_encodings,
    timeline,
)
from jumok.plotting._colours import (
    INK,
    LIGHT_PAGE,
    LIGHT_TEXT,
    SERIES,
    blend,
    cell_colour,
    contrast,
    luminance,
    rgb,
    text_colour,
)
from jumok.plotting._svg import compact
from jumok.transformer import Transformer, TransformerConfig, sinusoidal_positions

DARK_PAGE, DARK_TEXT = "#14181e", "#ced6dd"
CAT = ["<START>", "the", "cat", "is", "on", "the", "mat"]
DATE = list("2031년 7월 9일 수요일")


def causal(length: int, heads: int | None = None) -> torch.Tensor:
    shape = (length, length) if heads is None else (heads, length, length)
    scores = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    mask = torch.ones(length, length).tril().bool()
    return scores.masked_fill(~mask, -torch.inf).softmax(-1)


def small_model(**choices: object) -> Transformer:
    sizes = {"source_vocab_size": 1200, "target_vocab_size": 30, "d_model": 16, "num_heads": 2}
    depths = {"num_encoder_layers": 3, "num_decoder_layers": 2, "d_ff": 32}
    return Transformer(TransformerConfig(**{**sizes, **depths, **choices}))


DRAWINGS = {
    "heatmap": lambda: heatmap(
        causal(7), rows=CAT, columns=CAT, row_label="query", column_label="key", alt="Causal."
    ),
    "annotated": lambda: heatmap(causal(7), rows=CAT, columns=CAT, annotate=True, alt="Numbers."),
    "hangul": lambda: heatmap(
        torch.eye(len(DATE)), rows=DATE, columns=DATE, title="어텐션 가중치", alt="A date."
    ),
    "diverging": lambda: heatmap(
        [[-1.5, 0.0], [2.25, 1e-9]], colour="diverging", annotate=True, alt="Signs."
    ),
    "mask": lambda: heatmap(torch.ones(4, 4).tril().bool(), alt="A mask."),
    "heads": lambda: attention_heads(causal(7, 8), rows=CAT, columns=CAT, alt="Eight heads."),
    "heads without labels": lambda: attention_heads(causal(12, 3), titles="ㄱㄴㄷ", alt="Three."),
    "many positions": lambda: position_encodings(sinusoidal_positions(120, 500), alt="Waves."),
    "few positions": lambda: position_encodings(sinusoidal_positions(5, 4), alt="Five."),
    "matrices": lambda: matrices(
        [("A", [[1, 2], [3, 4]]), "@", ("나", [0.5, -1.5]), "=", ("C", np.zeros((2, 1)))],
        highlight={"A": [(0, 0), (0, 1)]},
        alt="A product.",
    ),
    "lines": lambda: lines(
        range(1, 30),
        {"평균": (np.arange(29.0), np.ones(29)), "b": np.ones(29)},
        x_label="걸음",
        y_label="y",
        title="제목",
        alt="Curves.",
    ),
    "logarithmic": lambda: lines(
        [4, 16, 64], {"": [1e-7, 1, 5]}, x_label="dₖ", y_label="y", log_x=True, log_y=True, alt="L."
    ),
    "bars": lambda: bars(["주의", "b"], [1, 2], y_label="count", annotate=True, alt="Two bars."),
    "groups": lambda: bars(["a", "b"], {"x": [1, -2], "y": [3, 4]}, horizontal=True, alt="Four."),
    "timeline": lambda: timeline(
        [2017.5, 2018.1, 2018.2], ["나", "B", "C"], ["순환", "decoder", "순환"], alt="Lanes."
    ),
    "points": lambda: points(
        [2017.5, 2018.1, 2018.2],
        [3, 1e6, 2e6],
        labels=["나", "B", "C"],
        groups=["x", "y", "x"],
        curve=([2017, 2019], [1, 1e7]),
        curve_name="선",
        x_label="해",
        y_label="n",
        log_y=True,
        alt="Points.",
    ),
    "architecture": lambda: architecture(small_model(), alt="The model."),
    "pre-norm": lambda: architecture(small_model(norm="pre"), alt="The other model."),
}


@pytest.fixture(scope="module", params=DRAWINGS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def figure(name: str) -> Figure:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        return DRAWINGS[name]()


def parse(figure: Figure) -> ElementTree.Element:
    return ElementTree.fromstring(figure.svg)


def texts(figure: Figure) -> list[str]:
    return [text.text or "" for text in parse(figure).iter("text")]


def test_svg_is_sound_and_described(figure: Figure):
    root = parse(figure)
    assert root.tag == "svg"
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == figure.alt
    assert root.findtext("title") == figure.alt
    assert len(figure.svg.encode()) < 40_000
    for leftover in ("<?xml", "<!DOCTYPE", "metadata", "xmlns", "xlink", "Matplotlib", "DejaVu"):
        assert leftover not in figure.svg


def test_svg_is_the_same_every_time(name: str, figure: Figure):
    assert DRAWINGS[name]().svg == figure.svg


def test_svg_takes_the_colours_of_the_page(figure: Figure):
    root = parse(figure)
    assert root.attrib["fill"] == "currentColor"
    colours = {
        value for node in root.iter() for key in ("fill", "stroke") if (value := node.get(key))
    }
    hues = {*SERIES, cell_colour(1)[0], cell_colour(-1)[0]}
    assert colours <= {"none", "currentColor", "#ffffff", *hues}
    white = [node for node in root.iter() if node.get("fill") == "#ffffff"]
    assert {node.tag for node in white} <= {"text"}  # on cells of full colour only


def test_svg_shrinks_with_the_page(figure: Figure):
    root = parse(figure)
    assert "max-width:100%" in root.attrib["style"]
    assert (
        root.attrib["viewBox"] == f"0 0 {root.attrib['width']} {root.attrib['viewBox'].split()[3]}"
    )


def test_everything_is_inside(figure: Figure):
    root = parse(figure)
    width, height = (float(n) for n in root.attrib["viewBox"].split()[2:])
    for text in root.iter("text"):
        assert 0 <= float(text.attrib["x"]) <= width
        assert 0 <= float(text.attrib["y"]) <= height
    for path in root.iter("path"):
        if path.get("clip-path") is None and path.get("id") is None:
            for x, y in re.findall(r"M(-?[\d.]+) ?(-?[\d.]+)", path.attrib["d"]):
                assert 0 <= float(x) <= width
                assert 0 <= float(y) <= height


def test_ids_are_used_and_belong_to_one_figure():
    drawn = [draw() for draw in DRAWINGS.values()]
    ids = [set(re.findall(r' id="([^"]+)"', figure.svg)) for figure in drawn]
    assert any(ids)
    assert len(set().union(*ids)) == sum(map(len, ids))
    for figure, own in zip(drawn, ids, strict=True):
        references = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', figure.svg)
        assert own == {clip or marker for clip, marker in references}


def test_text_stays_text():
    assert set(DATE) - {" "} <= set(texts(DRAWINGS["hangul"]()))
    assert "어텐션 가중치" in texts(DRAWINGS["hangul"]())
    assert {"평균", "걸음", "제목"} <= set(texts(DRAWINGS["lines"]()))
    assert "<START>" in texts(DRAWINGS["heatmap"]())


def marked(figure: Figure) -> list[str]:
    """The texts that a translation of the figure must leave alone."""
    return [t.text or "" for t in parse(figure).iter("text") if t.get("class") == "notranslate"]


def test_data_is_marked_and_words_are_not():
    """Tokens and examples are data; axes, titles and the names of parts are language."""
    assert marked(DRAWINGS["heatmap"]()) == CAT * 2
    assert marked(DRAWINGS["heads"]()).count("mat") == 2 + 4  # two rows of four heads
    words = heatmap(
        torch.eye(2), rows=["yes", "no"], columns=["good", "bad"], verbatim=False, alt="Words."
    )
    assert marked(words) == []
    for name in ("lines", "bars", "groups", "architecture"):
        assert marked(DRAWINGS[name]()) == []
    tokens = bars(["the", "dog"], {"a": [1, 2]}, y_label="count", verbatim=True, alt="Tokens.")
    assert sorted(marked(tokens)) == ["dog", "the"]
    across = bars(["the", "dog"], [1, 2], horizontal=True, verbatim=True, alt="Tokens.")
    assert sorted(marked(across)) == ["dog", "the"]
    assert marked(DRAWINGS["timeline"]()) == ["나", "C", "B"]  # lane by lane
    assert sorted(marked(DRAWINGS["points"]())) == ["B", "C", "나"]
    answers = lines([0, 1], {"yes": [1, 2]}, x_label="x", y_label="y", verbatim=True, alt="L.")
    assert marked(answers) == ["yes"]


@pytest.mark.parametrize(
    "text", ["$x_1$", "a\\b", "<b>&amp;", "ᄒᆞᆫ글", "漢字・カナ", "😀", "한\N{ZERO WIDTH JOINER}글"]
)
def test_any_text_is_written_as_it_is(text: str):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = heatmap([[1.0]], rows=[text], title=text, alt=text)
    assert texts(figure).count(text) == 2
    assert figure.alt == text


def test_figure_shows_itself_and_says_what_it_is():
    figure = DRAWINGS["mask"]()
    html = figure._repr_html_()
    assert html.startswith('<figure class="jumok-figure"')
    assert figure.svg in html
    assert re.fullmatch(r"<jumok figure \d+ × \d+: A mask\.>", repr(figure))


def test_saved_file_stands_alone(tmp_path, figure: Figure):
    path = tmp_path / "figure.svg"
    figure.save(path)
    content = path.read_text(encoding="utf-8")
    assert "currentColor" not in content
    root = ElementTree.fromstring(content)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "sans-serif" in root.attrib["font-family"]


def test_the_callers_settings_neither_change_nor_matter():
    before = heatmap(causal(3), alt="x").svg
    with matplotlib.rc_context({"font.size": 33, "lines.linewidth": 9, "svg.fonttype": "path"}):
        settings_before = dict(matplotlib.rcParams)
        assert heatmap(causal(3), alt="x").svg == before
        assert dict(matplotlib.rcParams) == settings_before


def test_installed_fonts_do_not_matter(tmp_path):
    """A program that sees no font but Matplotlib's own draws the same."""
    program = (
        "import sys\n"
        "from matplotlib import font_manager\n"
        "manager = font_manager.fontManager\n"
        "manager.ttflist = [font for font in manager.ttflist if 'mpl-data' in font.fname]\n"
        "from jumok.plotting import heatmap\n"
        "figure = heatmap([[1.0]], rows=['주목'], title='어텐션 𓀀', alt='x')\n"
        "sys.stdout.buffer.write(figure.svg.encode())\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.decode() == heatmap([[1.0]], rows=["주목"], title="어텐션 𓀀", alt="x").svg
    assert ran.stderr == b""


@pytest.mark.parametrize("page", [LIGHT_PAGE, DARK_PAGE])
@pytest.mark.parametrize("sign", [1, -1])
def test_colour_map_is_monotone_in_luminance(page: str, sign: int):
    values = np.linspace(0, 1, 101)
    seen = [luminance(blend(*cell_colour(sign * value), page)) for value in values]
    assert seen[0] == pytest.approx(luminance(rgb(page)))  # 0 is the page itself
    steps = np.diff(seen)
    assert (steps < 0).all() or (steps > 0).all()


@pytest.mark.parametrize(("page", "ink"), [(LIGHT_PAGE, LIGHT_TEXT), (DARK_PAGE, DARK_TEXT)])
def test_numbers_are_legible_on_every_cell(page: str, ink: str):
    for value in np.linspace(-1, 1, 201):
        colour = text_colour(value)
        seen = rgb(ink if colour == INK else colour)
        # No colour between black and white leaves more than 4.6 to both of them.
        assert contrast(seen, blend(*cell_colour(value), page)) >= 3.6


@pytest.mark.parametrize("colour", SERIES)
def test_series_stand_out_from_light_and_dark_pages(colour: str):
    assert contrast(rgb(colour), rgb(LIGHT_PAGE)) >= 3
    assert contrast(rgb(colour), rgb(DARK_PAGE)) >= 3


@given(
    hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(0, 1)
    )
)
@settings(max_examples=15, deadline=None)
def test_every_way_to_give_numbers_draws_the_same(weights: np.ndarray):
    expected = heatmap(weights, annotate=True, alt="x").svg
    assert heatmap(weights.tolist(), annotate=True, alt="x").svg == expected
    tensor = torch.tensor(weights, requires_grad=True)
    assert heatmap(tensor, annotate=True, alt="x").svg == expected


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.int64, torch.bool])
def test_every_precision_is_drawn(dtype: torch.dtype):
    assert heatmap(torch.eye(3).to(dtype), alt="x").svg == heatmap(np.eye(3), alt="x").svg


def test_masked_weights_are_told_from_tiny_ones():
    written = texts(heatmap([[1.0, 0.0], [0.999, 0.001]], annotate=True, alt="x"))
    assert written == ["1.00", "0", "1.00", "0.00"]


def test_values_decide_the_colours():
    figure = heatmap([[0.25, 0.0], [0.75, 0.25]], alt="x")
    cells = [node for node in parse(figure).iter("path") if node.get("fill-opacity")]
    opacities = [float(node.attrib["fill-opacity"]) for node in cells]
    assert opacities[:2] == [0.25, 0.75]
    assert cells[0].attrib["d"].count("M") == 2  # two cells of one colour are one shape


@given(st.lists(st.tuples(st.integers(-9999, 9999), st.integers(-9999, 9999)), min_size=2))
def test_compact_paths_reach_the_same_points(points: list[tuple[int, int]]):
    exact = [(x / 100, y / 100) for x, y in points]
    path = f"M {exact[0][0]} {exact[0][1]} " + " ".join(f"L {x} {y}" for x, y in exact[1:])
    x = y = 0.0
    reached = []
    for command, arguments in re.findall(r"([Mlhv])([^Mlhv]*)", compact(path)):
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", arguments)]
        if command == "M":
            x, y = numbers
        elif command == "l":
            x, y = x + numbers[0], y + numbers[1]
        elif command == "h":
            x += numbers[0]
        else:
            y += numbers[0]
        reached.append((x, y))
    np.testing.assert_allclose(reached, exact, atol=1e-6)


def place(figure: Figure, text: str) -> tuple[float, float]:
    found = next(node for node in parse(figure).iter("text") if node.text == text)
    return float(found.attrib["x"]), float(found.attrib["y"])


def test_a_timeline_is_in_order_and_to_scale():
    figure = timeline(
        [2017.0, 2017.5, 2019.0, 2017.25], ["long name", "b", "c", "d"], ["r", "r", "r", "s"],
        alt="x",
    )  # fmt: skip
    (a, row_a), (b, row_b), (c, row_c), (d, row_d) = (
        place(figure, name) for name in ("long name", "b", "c", "d")
    )
    assert row_b > row_a == row_c  # b would touch the long name, c would not
    assert row_d > row_b  # the next lane
    assert (c - a, b - a, d - a) == pytest.approx((84, 21, 10.5), abs=0.1)


def test_labels_of_points_keep_clear_of_each_other():
    """Four points in one spot: one label on each side."""
    names = ["one", "two", "six", "ten"]
    figure = points(
        [1, 1, 1, 1, 0, 9], [1, 1, 1, 1, 0, 9], labels=[*names, "a", "b"], x_label="x", y_label="y",
        alt="x",
    )  # fmt: skip
    places = [place(figure, name) for name in names]
    assert len({(round(x), round(y)) for x, y in places}) == 4
    for index, (x, y) in enumerate(places):
        for other_x, other_y in places[:index]:
            assert abs(x - other_x) > 18 or abs(y - other_y) > 11


def test_architecture_tells_the_models_sizes():
    written = texts(architecture(small_model(), alt="x"))
    assert {"3 ×", "2 ×", "1,200 × 16", "30 × 16", "16 → 32 → 16", "16 → 30"} <= set(written)
    assert written.count("2 heads of 8") == 3
    assert {"self-attention", "masked self-attention", "cross-attention"} <= set(written)
    assert written.count("add & norm") == 5
    pre = texts(architecture(small_model(norm="pre"), alt="x"))
    assert (pre.count("add"), pre.count("norm")) == (5, 7)  # two norms follow the stacks

"""The smaller fonts hold all that is drawn, and little else."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from dashboard.streamlit_compat import cut_fonts, subset_fonts


@pytest.mark.slow
def test_the_smaller_fonts_hold_every_icon_and_letter_that_is_drawn(tmp_path: Path) -> None:
    made = tmp_path / "fonts"
    cut_fonts.make(made)
    sizes = {file.name.partition("-")[0]: file.stat().st_size for file in made.iterdir()}
    assert sizes["MaterialSymbols"] < 40_000
    assert sizes["SourceSansVF"] < 100_000
    (icons,) = made.glob(f"{cut_fonts.ICONS}*")
    with TTFont(icons) as font:
        assert {*cut_fonts.ligatures(font)} >= subset_fonts.icons(subset_fonts.sources())
    (text,) = made.glob(f"{cut_fonts.TEXT}*")
    with TTFont(text) as font:
        assert {*font.getBestCmap()} >= {*map(ord, "aZ09éßłЖΩ€…“”→")}

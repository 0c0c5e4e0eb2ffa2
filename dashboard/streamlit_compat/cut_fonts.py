"""Makes the smaller fonts of subset_fonts.py: `python -m dashboard.streamlit_compat.cut_fonts`.

Once for the icons the dashboard draws and this Streamlit; a second time there is nothing to do.
"""

from pathlib import Path

import streamlit as st
from fontTools import subset
from fontTools.ttLib import TTFont

from dashboard.streamlit_compat.subset_fonts import folder, icons, sources

STATIC = Path(st.__file__).parent / "static" / "static"
ICONS, TEXT = "MaterialSymbols-Rounded", "SourceSansVF-Upright"
# European scripts, currencies, arrows, marks and shapes. What else a name has is drawn in a font of
# the reader's own machine.
TEXT_RANGES = ((0x20, 0x250), (0x370, 0x500), (0x1E00, 0x2600))


def make(target: Path) -> None:
    """Write the smaller fonts into a folder, under the names that Streamlit's page asks for."""
    # Renamed once whole: who is interrupted begins anew.
    part = target.with_suffix(".part")
    part.mkdir(parents=True, exist_ok=True)
    used = icons(sources()) | icons((STATIC / "js").glob("*.js"))
    letters = "".join(sorted(set("".join(used))))
    for name, options in (
        (ICONS, subset.Options(flavor="woff2", layout_features=["*"], layout_closure=False)),
        (TEXT, subset.Options(flavor="woff2")),
    ):
        (whole,) = (STATIC / "media").glob(f"{name}*.woff2")
        cut = subset.Subsetter(options)
        with subset.load_font(str(whole), options) as font:
            if name == ICONS:
                drawn = ligatures(font)
                cut.populate(text=letters, glyphs=[drawn[each] for each in used & {*drawn}])
            else:
                cut.populate(unicodes=[code for ends in TEXT_RANGES for code in range(*ends)])
            cut.subset(font)
            subset.save_font(font, str(part / whole.name), options)
    part.rename(target)


def ligatures(font: TTFont) -> dict[str, str]:
    """Return by the name of an icon the glyph that is drawn in place of its letters."""
    letters = {glyph: chr(code).lower() for code, glyph in font.getBestCmap().items()}
    return {
        "".join(letters[part] for part in (first, *ligature.Component)): ligature.LigGlyph
        for lookup in font["GSUB"].table.LookupList.Lookup
        for table in lookup.SubTable
        for first, found in getattr(table, "ExtSubTable", table).ligatures.items()
        for ligature in found
    }


if __name__ == "__main__":
    if not folder().is_dir():
        make(folder())

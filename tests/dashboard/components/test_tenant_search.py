import pandas as pd
import pytest

from dashboard.components import tenant_search

CODES = pd.Series(["WFF_j1r~a01", "WFF_j1r~a02", "WFF_j1r~b01", "WFF_j1r~b01"], dtype="str")
NAMES = pd.Series(["Acme (North)", "Beta", "Gamma", "Gamma"], dtype="str")


def found(text: str) -> list[int]:
    mask = tenant_search.match(CODES, NAMES, text).mask
    return list(mask[mask].index)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2, 3]),
        ("   ", [0, 1, 2, 3]),
        ("a0", [0, 1]),
        ("GAMMA", [2, 3]),
        ("^WFF_j1r~a0[12]$", [0, 1]),
        ("acme|beta", [0, 1]),
        ("WFF_j1r~a02..WFF_j1r~b01", [1, 2, 3]),
        ("WFF_j1r~a01, WFF_j1r~b01", [0, 2, 3]),
        ("WFF_j1r~a01\nWFF_j1r~a02;", [0, 1]),
        ("no such thing", []),
        ("WFF_j1r~b01..WFF_j1r~a02", [1, 2, 3]),
        ("b01..a02", [1, 2, 3]),
        ("~a01..~a02", [0, 1]),
        ("~a01 ~b01", [0, 2, 3]),
        ("\"WFF_j1r~a01\",'WFF_j1r~a02'", [0, 1]),
        ("“WFF_j1r~a01”", [0]),
        ("a0.* n", []),
        ("acme (n", [0]),
    ],
)
def test_a_text_keeps_the_tenants_a_person_means(text: str, rows: list[int]) -> None:
    assert found(text) == rows


def test_what_is_neither_a_text_nor_an_expression_finds_nothing_and_says_so() -> None:
    result = tenant_search.match(CODES, NAMES, "Gamma (")
    assert not result.mask.any()
    assert result.note == tenant_search.NO_EXPRESSION


SIGNS = [
    *("Acme (UK) Ltd", "What? GmbH", "Acme [EMEA]", "$ave Corp", "A|B Partners", "Acme, Inc."),
    *("C++ Ltd", "North..South", r"Back\slash", "^Top", "{Brace}", "50% *"),
]


@pytest.mark.parametrize("name", SIGNS)
def test_a_name_is_found_as_it_stands_whatever_signs_are_in_it(name: str) -> None:
    codes = pd.Series([f"WFF_j1r~{n:03}" for n in range(len(SIGNS))], dtype="str")
    result = tenant_search.match(codes, pd.Series(SIGNS, dtype="str"), name.upper())
    assert [SIGNS[row] for row in result.mask[result.mask].index] == [name]
    assert result.note == ""


def test_a_text_that_is_read_as_an_expression_says_so() -> None:
    result = tenant_search.match(CODES, NAMES, "acme|beta")
    assert list(result.mask) == [True, True, False, False]
    assert result.note == tenant_search.AS_EXPRESSION
    assert tenant_search.match(CODES, NAMES, "nothing of it").note == ""


@pytest.mark.parametrize(
    "text",
    ["\ufeffBeta\u200b", "\u200eBeta\u200f", "\u00a0Beta ", "Be\u00adta", "\x00Beta", "\ud83dBeta"],
)
def test_what_nobody_sees_in_a_pasted_text_does_not_matter(text: str) -> None:
    assert found(text) == [1]


def test_accents_are_the_same_however_they_are_composed() -> None:
    composed, apart = "M\u00fcller", "Mu\u0308ller"
    for name in (composed, apart):
        names = pd.Series([name, "Muller"], dtype="str")
        for text in (composed, apart, composed.upper()):
            assert list(tenant_search.match(CODES[:2], names, text).mask) == [True, False]


@pytest.mark.parametrize("name", ["UKG\u00a0Callisto", "UK\u200bG Callisto", "UKG Callisto\ufeff"])
def test_what_nobody_sees_in_a_name_does_not_matter(name: str) -> None:
    names = pd.Series([name, "Muller"], dtype="str")
    assert list(tenant_search.match(CODES[:2], names, "ukg callisto").mask) == [True, False]


def test_a_list_of_pasted_codes_may_have_marks_between_them() -> None:
    assert found("\ufeffWFF_j1r~a01\u200b,\u00a0WFF_j1r~b01") == [0, 2, 3]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "(" * 1_000_000,
        "(a|b)" * 100_000,
        "\ud83d" + "ä" * 2_000,
        "name;value\n" * 100_000,
        "x y " * 1_000_000,
    ],
    ids=["letters", "brackets", "expression", "accents", "csv", "too long for a list"],
)
def test_a_text_that_is_too_long_finds_nothing_and_says_so(text: str) -> None:
    result = tenant_search.match(CODES, NAMES, text)
    assert not result.mask.any()
    assert "characters is too long" in result.note


def test_every_code_of_many_tenants_can_be_pasted() -> None:
    codes = pd.Series([f"WFF_j1r~{n:028}" for n in range(50_000)], dtype="str")
    result = tenant_search.match(codes, codes, "\n".join(codes))
    assert result.mask.all()
    assert result.note == ""


def test_a_word_of_any_length_is_named_by_its_beginning() -> None:
    result = tenant_search.match(CODES, NAMES, f"WFF_j1r~a01 {'W' * 25_000}")
    assert result.note == f"1 of 2 pasted tenant codes not found: {'W' * 40}"


def test_pasted_codes_that_are_not_here_are_named() -> None:
    result = tenant_search.match(CODES, NAMES, "WFF_j1r~a01 WFF_j1r~zzz WFF_j1r~yyy")
    assert list(result.mask) == [True, False, False, False]
    assert result.note == ("2 of 3 pasted tenant codes not found: WFF_j1r~yyy, WFF_j1r~zzz")


def test_pasted_codes_of_which_none_is_here_are_a_list_all_the_same() -> None:
    result = tenant_search.match(CODES, NAMES, "~zzz WFF_j1r~yyy")
    assert not result.mask.any()
    assert result.note == "2 of 2 pasted tenant codes not found: WFF_j1r~yyy, ~zzz"


def test_an_expression_that_would_never_end_in_python_does_here() -> None:
    names = pd.Series(["Okonkwo Paper Mills and Daughters Cooperative Society"] * 4, dtype="str")
    result = tenant_search.match(CODES, names, r"(.|\w|\S)*!")
    assert (list(result.mask), result.note) == ([False] * 4, tenant_search.AS_EXPRESSION)


def test_a_tenant_without_a_name_is_found_by_its_code_only() -> None:
    names = pd.Series([None, "Beta", None, None], dtype="str")
    assert list(tenant_search.match(CODES, names, "a01").mask) == [True, False, False, False]
    assert list(tenant_search.match(CODES, names, "nan").mask) == [False] * 4


def test_a_band_of_a_chart_is_a_search_text() -> None:
    assert found(tenant_search.code_range("WFF_j1r~a01", "WFF_j1r~a02")) == [0, 1]


@pytest.mark.parametrize("text", ["~a01 ~b01", "a01..b01", "a01", "a01 b01"])
def test_what_has_no_tenant_is_found_by_nothing(text: str) -> None:
    codes = pd.Series([None, "WFF_j1r~a01"], dtype="str")
    names = pd.Series([None, None], dtype="str")
    assert not tenant_search.match(codes, names, text).mask[0]

import pandas as pd
import pytest

from dashboard import tenant_search

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


def test_what_is_no_regular_expression_is_searched_for_as_it_stands() -> None:
    result = tenant_search.match(CODES, NAMES, "Acme (")
    assert list(result.mask) == [True, False, False, False]
    assert "Not a regular expression" in result.note


def test_pasted_codes_that_are_not_here_are_named() -> None:
    result = tenant_search.match(CODES, NAMES, "WFF_j1r~a01 WFF_j1r~zzz WFF_j1r~yyy")
    assert list(result.mask) == [True, False, False, False]
    assert result.note == ("2 of 3 pasted tenant codes are not here: WFF_j1r~yyy, WFF_j1r~zzz")


def test_pasted_codes_of_which_none_is_here_are_a_list_all_the_same() -> None:
    result = tenant_search.match(CODES, NAMES, "~zzz WFF_j1r~yyy")
    assert not result.mask.any()
    assert result.note == "2 of 2 pasted tenant codes are not here: WFF_j1r~yyy, ~zzz"


def test_an_expression_that_would_never_end_in_python_does_here() -> None:
    names = pd.Series(["Okonkwo Paper Mills and Daughters Cooperative Society"] * 4, dtype="str")
    result = tenant_search.match(CODES, names, r"(.|\w|\S)*!")
    assert (list(result.mask), result.note) == ([False] * 4, "")


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

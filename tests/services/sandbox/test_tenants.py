import pytest

from tests.services.sandbox.api import C7O, E1A, I1O, Api

TENANTS = "/v2/admin/tenants"
VALIDATION = "/v1/op/validation/tenants"
BRIEF = "tenantCode,tenantDisplayName"


def test_tenants_come_with_many_fields(api: Api) -> None:
    answer = api.get(TENANTS, start=2, limit=1)
    assert (answer["limit"], answer["start"]) == (1, 2)
    (tenant,) = answer["tenants"]
    assert tenant["tenantCode"] == E1A
    assert tenant["tenantDisplayName"] == "Europa Health"
    assert tenant["status"] == "enabled"
    assert tenant["currentDataVersion"] == "5166161"
    assert tenant["dataVersionDate"] == "2019-10-02T20:35:21.420Z"
    assert tenant["canAdministerOtherTenants"] is False
    assert tenant["traits"]["tenantType"] == "PARTNER_CUSTOMER"


def test_a_tenant_without_a_version_has_no_field_for_it(api: Api) -> None:
    (tenant,) = api.get(TENANTS, start=1, limit=1)["tenants"]
    assert tenant["tenantCode"] == C7O
    assert "currentDataVersion" not in tenant


@pytest.mark.parametrize(
    ("mask", "largest"),
    [
        ("", 400),
        (BRIEF, 1000),
        (f"{BRIEF},status,currentDataVersion,dataVersionDate", 1000),
        (f"{BRIEF},defaultCurrency", 400),
    ],
)
def test_the_largest_page_depends_on_the_mask(api: Api, mask: str, largest: int) -> None:
    assert api.get(TENANTS, mask=mask)["limit"] == largest
    assert api.get(TENANTS, mask=mask, limit=5000)["limit"] == largest


def test_a_mask_leaves_only_what_it_names(api: Api) -> None:
    answer = api.get(TENANTS, mask=BRIEF)
    assert {frozenset(tenant) for tenant in answer["tenants"]} == {frozenset(BRIEF.split(","))}
    assert len(answer["tenants"]) == 60
    api.refused("GET", TENANTS, 400, params={"mask": "shoeSize"})


def test_pages_do_not_overlap(api: Api) -> None:
    codes = [t["tenantCode"] for t in api.get(TENANTS, mask=BRIEF)["tenants"]]
    pages = [api.get(TENANTS, mask=BRIEF, limit=25, start=n)["tenants"] for n in (0, 25, 50)]
    assert [t["tenantCode"] for page in pages for t in page] == codes


@pytest.mark.parametrize("codes", [f"{I1O},{C7O}", "i1o, c7o"])
def test_some_tenants_by_full_or_short_code(api: Api, codes: str) -> None:
    found = api.get(TENANTS, tenantCodes=codes)["tenants"]
    assert [tenant["tenantCode"] for tenant in found] == [I1O, C7O]


def test_full_and_short_codes_do_not_mix(api: Api) -> None:
    api.refused("GET", TENANTS, 400, params={"tenantCodes": f"{I1O},c7o"})


def test_tenants_of_a_profile(api: Api) -> None:
    found = api.get(TENANTS, dataProfile="Cat")["tenants"]
    assert [tenant["tenantCode"] for tenant in found] == ["WFF_j1r~CAa7s"]


def test_an_analytic_tenant_administers_nobody(api: Api) -> None:
    api.within(C7O).refused("GET", TENANTS, 403)


def test_metric_values_of_all_and_of_one(api: Api) -> None:
    answer = api.get(VALIDATION, limit=3)
    assert (answer["limit"], answer["start"]) == (3, 0)
    one = api.get(f"{VALIDATION}/{E1A}")
    assert one == answer["tenants"][2]
    assert one == api.get(f"{VALIDATION}/{E1A.replace('~', '%7E')}")
    assert (one["dataVersion"], one["dataVersionDate"]) == ("5166161", "2019-10-02T20:35:21.420Z")
    assert [set(metric) for metric in one["metrics"]] == [
        {"symbolName", "displayName", "value"}
    ] * 2


def test_no_version_has_no_metric_values(api: Api) -> None:
    assert api.get(f"{VALIDATION}/{C7O}")["metrics"] == []
    api.refused("GET", f"{VALIDATION}/WFF_j1r~nobody", 400)

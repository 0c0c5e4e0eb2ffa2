"""The uploads of 5,000 tenants over HTTP, made a frame, against the official SDK."""

import time
from collections.abc import Iterator

import pandas as pd
import visier_platform_sdk as sdk

from services.frames import uploads
from services.visier import Client, RateLimiter, SecurityToken
from tests.benchmarks.canned_server import PAGE, served_uploads
from tests.benchmarks.ratios import Ratio, side_by_side

TENANTS = 5000


def measure() -> list[Ratio]:
    """Compare the client's processor time and the time on the clock."""
    with served_uploads(TENANTS) as address:
        credentials = SecurityToken(api_key="key", token="token")
        client = Client(address, credentials, RateLimiter(assumed_per_minute=None))
        api = sdk.DataAndJobHandlingApi(
            sdk.ApiClient(sdk.Configuration(address, "key", "user", "password"))
        )

        def ours() -> pd.DataFrame:
            return uploads.to_frame(client.iter_retrieve_data_uploads())

        def theirs() -> pd.DataFrame:
            return _frame_of(_pages(api))

        pd.testing.assert_frame_equal(ours(), theirs())
        processor, clock = side_by_side(
            ours, theirs, rounds=3, clocks=(time.process_time, time.perf_counter)
        )
        client.close()
    return [
        Ratio("5,000 tenants over HTTP / official SDK, processor", *processor, at_most=0.2),
        Ratio("5,000 tenants over HTTP / official SDK, clock", *clock, at_most=0.4),
    ]


def _pages(api: sdk.DataAndJobHandlingApi) -> Iterator[sdk.TenantDataUploadsListResponseDTO]:
    for start in range(0, TENANTS, PAGE):
        yield api.retrieve_data_uploads(limit=PAGE, start=start, number_of_data_uploads=5)


def _frame_of(pages: Iterator[sdk.TenantDataUploadsListResponseDTO]) -> pd.DataFrame:
    rows = [
        (tenant.tenant_code, upload.upload_time, upload.included)
        for page in pages
        for tenant in page.tenants
        for upload in tenant.uploads
    ]
    codes, times, included = zip(*rows, strict=True)
    text = pd.array(times, dtype="str")
    return pd.DataFrame(
        {
            "tenant_code": pd.array(codes, dtype="str"),
            "upload_time": pd.to_datetime(text, format="ISO8601", utc=True).as_unit("ms"),
            "upload_time_text": text,
            "included": pd.array(included, dtype="boolean"),
        }
    )

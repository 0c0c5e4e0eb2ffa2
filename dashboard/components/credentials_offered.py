"""The credentials that can be assigned, in words."""

import pandas as pd


def offered_to(credentials: pd.DataFrame, preferred: pd.Series) -> dict[str, dict[str, str]]:
    """Return what can be assigned, in words: each with its credential's id by tenant.

    A name that means another credential in each tenant is one choice; where a tenant has several of
    a name, each of them is one. Credentials of the preferred data providers come first.
    """
    known = credentials.dropna(subset="credential_id").assign(
        title=credentials["display_name"].fillna("")
        + " · "
        + credentials["data_provider"].fillna("")
    )
    known = known.assign(is_other=~known["data_provider"].isin(list(preferred.dropna())))
    found: dict[str, dict[str, str]] = {}
    for title in known.sort_values(["is_other", "title"])["title"].unique():
        own = known[known["title"] == title]
        if own["tenant_code"].is_unique:
            found[title] = dict(zip(own["tenant_code"], own["credential_id"], strict=True))
            continue
        for id_, one in own.groupby("credential_id"):
            found[f"{title} · {id_}"] = dict.fromkeys(one["tenant_code"], str(id_))
    return found

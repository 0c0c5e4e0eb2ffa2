"""The data providers of the OpenAPI document."""

PROVIDERS = frozenset(
    {
        "ADP", "Bamboo", "BasicS3", "BigQuery", "Cdk", "CopyS3", "Databricks", "DayforceV2",
        "Dimensions", "Echo", "Fusion", "Gong", "GoogleActivityReport", "GoogleCalendar",
        "GoogleSheets", "GoogleWorkspace", "Greenhouse", "Icims", "IcimsPartnerProviderRedshift",
        "IcimsV2", "InternalS3", "Jdbc", "Jira", "JiraV2", "Lever", "Medallia", "Microsoft365",
        "MySql", "Namely", "OEMCornerstone", "OracleDb", "Qualtrics", "Redshift", "SSE",
        "Salesforce", "SalesforceV2", "ServiceNow", "ServiceNowV2", "Slack", "SmartRecruiters",
        "Snowflake", "SnowflakeV2", "SqlServer", "SuccessFactors", "UKG", "UKGV2", "VivaGlint",
        "Willow", "Workday", "WorkdayRaas", "WorkdayV2", "WorkdayWQL", "Zoom",
    }
)  # fmt: skip

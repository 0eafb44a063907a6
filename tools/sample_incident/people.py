"""Accounts, people, networks and user agents of the invented company."""

from __future__ import annotations

SEED = "rootforensics-sample-incident-1"

PROD = "111122223333"
DATA = "444455556666"
SANDBOX = "777788889999"
PARTNER = "222233334444"
STRANGER = "999988887777"
ACCOUNTS = (PROD, DATA, SANDBOX)
ORGANIZATION = "o-exampleorgid"

EAST1, EAST2, WEST2, FRANKFURT = "us-east-1", "us-east-2", "us-west-2", "eu-central-1"

# Networks: documentation ranges only (RFC 5737, RFC 3849).
OFFICE = "192.0.2.10"
OFFICE_V6 = "2001:db8:10::1f"
HOMES = ("192.0.2.140", "192.0.2.151", "192.0.2.163", "2001:db8:40:a::7")
BUILD_HOSTS = ("198.51.100.140", "198.51.100.141", "198.51.100.142")
MONITORING = "198.51.100.200"
NAT_GATEWAYS = ("203.0.113.10", "203.0.113.11")
INTRUDER_BROWSER = "203.0.113.77"
INTRUDER_BROWSER_LATE = "203.0.113.78"
INTRUDER_SERVER = "198.51.100.23"
INTRUDER_V6 = "2001:db8:77::5"

LOG_BUCKET = "acme-cloudtrail-111122223333"
MAIN_TRAIL = "prod-trail"
SECOND_TRAIL = "siem-export"

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
)
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Safari/605.1.15"
)
BROWSERS = (FIREFOX, CHROME, SAFARI)
CLI = (
    "aws-cli/2.32.4 md/awscrt#0.28.4 ua/2.1 os/linux#6.12.30 md/arch#x86_64 lang/python#3.13.9 "
    "md/pyimpl#CPython m/b,Z,E cfg/retry-mode#standard md/installer#exe md/prompt#off"
)
INTRUDER_CLI = "aws-cli/1.42.18 Python/3.11.2 Linux/6.1.0-37-cloud-amd64 botocore/1.40.18"
BOTO = (
    "Boto3/1.40.4 md/Botocore#1.40.4 ua/2.1 os/linux#6.1.140 md/arch#aarch64 lang/python#3.12.11 "
    "md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.40.4"
)
TERRAFORM = (
    "APN/1.0 HashiCorp/1.0 Terraform/1.12.2 (+https://www.terraform.io) terraform-provider-aws/6.7.0 "
    "(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.37.2 ua/2.1 os/linux"
)
SDK_GO = "aws-sdk-go-v2/1.37.2 ua/2.1 os/linux lang/go#1.24.4 md/GOARCH#arm64 m/E,g"
SSM_AGENT = "aws-sdk-go/1.55.5 (go1.24.4; linux; amd64) amazon-ssm-agent/3.3.2656.0"
ACTIONS = "github-actions aws-sdk-js/3.859.0 ua/2.1 os/linux#6.11.0 lang/js md/nodejs#20.19.4 api/sts#3.859.0"

# Session name, permission set role, accounts in which the person works.
STAFF = (
    ("ana.souza@example.com", "AWSReservedSSO_Platform_1f2e3d4c5b6a7980", (PROD, SANDBOX)),
    ("bo.lindqvist@example.com", "AWSReservedSSO_Developer_8097a6b5c4d3e2f1", (PROD, SANDBOX)),
    ("chidi.okafor@example.com", "AWSReservedSSO_DataEngineer_0a1b2c3d4e5f6071", (DATA,)),
    ("dagny.voß@example.com", "AWSReservedSSO_Developer_8097a6b5c4d3e2f1", (PROD, SANDBOX)),
    ("emi.tanaka@example.com", "AWSReservedSSO_DataEngineer_0a1b2c3d4e5f6071", (DATA, SANDBOX)),
    ("farid.haddad@example.com", "AWSReservedSSO_Security_5566778899aabbcc", (PROD, DATA)),
    ("grace.obrien@example.com", "AWSReservedSSO_Billing_ccbbaa9988776655", (PROD, DATA)),
)
SECURITY_ENGINEER = STAFF[5]

# Names shared by many records of one account.
BUCKETS = {
    PROD: ("acme-web-assets", "acme-prod-artifacts", "acme-invoices-prod", LOG_BUCKET),
    DATA: ("acme-lake-raw", "acme-lake-curated", "acme-ledger-archive", "acme-athena-results"),
    SANDBOX: ("sbx-tfstate", "sbx-uploads-test", "sbx-locked-bucket"),
}
FUNCTIONS = {
    PROD: ("checkout-handler", "invoice-render", "image-resize", "webhook-fanout"),
    DATA: ("ingest-orders", "compact-partitions", "ledger-export"),
    SANDBOX: ("hello-world", "spike-vector-search"),
}
TABLES = {
    PROD: ("orders", "carts", "sessions"),
    DATA: ("ingest-state", "ledger-index"),
    SANDBOX: ("demo-table",),
}
REPOSITORIES = ("checkout", "storefront", "billing-jobs", "infra-live")
USERS = ("metrics-exporter", "legacy-ftp-sync", "FinanceRoot", "ci-fallback", "jürgen.weiß")

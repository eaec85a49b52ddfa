"""Applies infra/aws as an account would get it, to an emulated AWS, and reads it back.

The story of a deployment (tests/stories/deployed.rs) leaves out what moto does not know. Here nothing is left out: the cache policies,
function and log of the edge, its firewall, the budget and the telephone are made by Terraform, planned a second time, and planned
away from a machine that has built nothing.

Usage: applied.py, with the Python of a folder that has requirements-ministack.txt; Terraform on the path, and its provider of AWS in
one of the folders in which tests/src/terraform.rs looks.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import botocore.session

INFRA = Path(__file__).resolve().parents[2] / "infra"
REGION = "eu-west-2"
# What a second plan changes although nothing did: ministack does not give back an alarm's period, whether a composite alarm acts, nor
# all of a policy of headers; and of the firewall it loses the words with which it turns somebody away.
FORGOTTEN = ("aws_cloudwatch_metric_alarm.", "aws_cloudwatch_composite_alarm.", "aws_cloudfront_response_headers_policy.")
FORGOTTEN_OF = {"aws_wafv2_web_acl.site[0]": {"custom_response_body"}}
# What destroy leaves alone: infra/cli/src/commands/destroy.rs.
KEPT = ("aws_s3_bucket", "aws_dynamodb_table", "data.")
# The state is a file, and ministack knows no account's quotas.
OVERRIDE = """
data "aws_servicequotas_service_quota" "functions_at_once" {
  count = 0
}
terraform {
  backend "local" {}
}
provider "aws" {
  s3_use_path_style = true
}
provider "aws" {
  alias             = "global"
  s3_use_path_style = true
}
"""


def mirror():
    """A folder that Terraform can take its provider from; None if this machine has none."""
    version = next(
        line.split('"')[1] for line in (INFRA / "aws/versions.tf").read_text().splitlines() if line.strip().startswith("version ")
    )
    places = [Path.home() / ".terraform.d/plugins", Path("/usr/local/share/terraform/plugins"), Path("/usr/share/terraform/plugins")]
    places += [Path(os.environ[name]) for name in ["TF_PLUGIN_CACHE_DIR"] if name in os.environ]
    places += sorted(Path("/opt").iterdir()) if Path("/opt").is_dir() else []
    return next((place for place in places if (place / "registry.terraform.io/hashicorp/aws" / version).is_dir()), None)


def checkout(folder):
    """A copy of the infrastructure whose state is a file, with packages that are no functions."""
    infra = folder / "infra"
    shutil.copytree(INFRA / "aws", infra / "aws", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    for file in INFRA.glob("*.json"):
        shutil.copy(file, infra)
    (infra / "aws/override.tf").write_text(OVERRIDE)
    shutil.copy(INFRA / "aws/tests/sample.auto.tfvars.json", infra / "aws")
    zips = folder / "zips"
    zips.mkdir()
    for function in json.loads((INFRA / "functions.json").read_text())["functions"]:
        with zipfile.ZipFile(zips / f"{function['name']}.zip", "w") as package:
            package.writestr("bootstrap", "no function")
    return infra / "aws", zips


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Terraform:
    def __init__(self, folder, zips, endpoint, providers):
        self.folder = folder
        # A service whose endpoint is forgotten must not be asked for at AWS.
        self.environment = os.environ | {
            "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION,
            "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1,localhost",
            "TF_CLI_CONFIG_FILE": str(providers), "TF_VAR_zips": str(zips), "TF_IN_AUTOMATION": "1",
        }

    def run(self, *arguments, **more):
        done = subprocess.run(
            ["terraform", *arguments], cwd=self.folder, env=self.environment | more, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            sys.exit(f"terraform {arguments[0]} failed:\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}")
        return done.stdout

    def plan(self, *arguments, **more):
        """What a plan would do: addresses by action."""
        self.run("plan", "-input=false", "-no-color", "-out=plan.bin", *arguments, **more)
        changes = {}
        self.planned = json.loads(self.run("show", "-json", "plan.bin"))["resource_changes"]
        for change in self.planned:
            for action in change["change"]["actions"]:
                changes.setdefault(action, []).append(change["address"])
        return changes


    def differences(self, address):
        """What the last plan would change of a resource, before and after, as far as it is known before it is applied."""
        change = next(one["change"] for one in self.planned if one["address"] == address)
        before, after = change["before"] or {}, change["after"] or {}
        return {name: (before.get(name), after.get(name)) for name in before | after if before.get(name) != after.get(name)}


def check(what, holds, found=""):
    if not holds:
        sys.exit(f"FAILED: {what}: {found}")
    print(f"  {what}")


def read_back(endpoint, outputs, infra):
    """What stands, as the services themselves tell it."""
    session = botocore.session.get_session()

    def client(service, region=REGION):
        return session.create_client(
            service, region_name=region, endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="test"
        )

    cloudfront = client("cloudfront")
    edge = cloudfront.get_distribution_config(Id=outputs["distribution"])["DistributionConfig"]
    origins = {origin["Id"]: origin for origin in edge["Origins"]["Items"]}
    signed = {room: origins.get(room, {}) for room in ["originals", "review"]}
    check(
        "what is signed goes to origins of S3's kind, without access control",
        all("CustomOriginConfig" not in one and "S3OriginConfig" in one and not one.get("OriginAccessControlId") for one in signed.values()),
        signed,
    )
    quotas = json.loads((infra / "aws/quotas.json").read_text())
    described = json.loads((infra / "edge.json").read_text())
    written, behaviours = described["queries"], described["behaviours"]
    found = {}
    for item in cloudfront.list_cache_policies(Type="custom")["CachePolicyList"]["Items"]:
        policy = item["CachePolicy"]["CachePolicyConfig"]
        queries = policy["ParametersInCacheKeyAndForwardedToOrigin"]["QueryStringsConfig"]
        found[policy["Name"].removeprefix("sample-")] = sorted(queries.get("QueryStrings", {}).get("Items", []))
    check("each group of queries is a cache policy", found == {name: sorted(names) for name, names in written.items()}, found)
    check("none has more than a policy takes", max(map(len, found.values())) <= quotas["cache_policy_queries"]["value"], found)
    functions = [
        item["FunctionARN"] for behaviour in edge["CacheBehaviors"]["Items"]
        for item in behaviour.get("FunctionAssociations", {}).get("Items", [])
    ]
    told = [one for one in behaviours if one["origin"] == "api" and one["for"] == "one"]
    of = lambda name: [arn for arn in functions if arn.endswith(f"/sample-{name}")]
    check("the bucket's name is taken out of signed paths", len(of("signed")) == len(signed), functions)
    check("what is for one is told that one's address", len(of("viewer-address")) == len(told), functions)

    logs = client("logs", "us-east-1")
    deliveries = logs.describe_deliveries()["deliveries"]
    check("the edge's log is delivered", len(deliveries) == 1, deliveries)
    here, there = client("cloudwatch"), client("cloudwatch", "us-east-1")
    for watch, name, least in [(here, "sample-call-somebody", 5), (there, "sample-edge-call-somebody", 2)]:
        alarms = watch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        known = {alarm["AlarmName"] for alarm in watch.describe_alarms()["MetricAlarms"]}
        named = [part.split('"')[1] for part in alarms[0]["AlarmRule"].split("ALARM(")[1:]] if alarms else []
        check(f"{name} hears of alarms that are there", len(named) >= least and set(named) <= known, named)
    mappings = client("lambda").list_event_source_mappings()["EventSourceMappings"]
    check("photos come one by one", {mapping["BatchSize"] for mapping in mappings} == {1}, mappings)


def main():
    source = mirror()
    if source is None or shutil.which("terraform") is None:
        print("applied: Terraform or its provider of AWS is not on this machine")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        aws, zips = checkout(folder)
        providers = folder / "providers.tfrc"
        providers.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{source}" }}\n}}\n')
        port = free_port()
        endpoint = f"http://127.0.0.1:{port}"
        server = subprocess.Popen(
            [Path(sys.executable).parent / "ministack"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=os.environ | {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)},
        )
        try:
            for _ in range(300):
                with socket.socket() as connection:
                    if connection.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.2)
            terraform = Terraform(aws, zips, endpoint, providers)
            terraform.run("init", "-input=false", "-no-color")
            begun = time.monotonic()
            terraform.run("apply", "-auto-approve", "-input=false", "-no-color")
            state = terraform.run("state", "list", "-no-color").splitlines()
            made = [address for address in state if not address.startswith("data.")]
            print(f"{len(made)} resources were made in {time.monotonic() - begun:.0f} s")
            outputs = {name: one["value"] for name, one in json.loads(terraform.run("output", "-json")).items()}
            read_back(endpoint, outputs, aws.parent)

            again = terraform.plan()
            changed = {
                (action, address): terraform.differences(address) for action in ["create", "update", "delete"] for address in again.get(action, [])
                if not address.startswith(FORGOTTEN)
                and (action != "update" or terraform.differences(address).keys() - FORGOTTEN_OF.get(address, set()))
            }
            check("a second plan makes, deletes and changes nothing", not changed, changed)
            targets = [f"-target={address}" for address in made if not address.startswith(KEPT)]
            gone = terraform.plan("-destroy", *targets, TF_VAR_zips=str(folder / "nowhere")).get("delete", [])
            policies = [address for address in gone if address.startswith("aws_s3_bucket_policy.")]
            check("the site goes, from a machine that has built nothing", len(gone) >= len(targets), len(gone))
            check("the policies of the photos' buckets stay, but the one that names the edge", policies == ["aws_s3_bucket_policy.published"], policies)
            lost = [address for address in gone if address.startswith(("aws_s3_bucket.", "aws_dynamodb_table."))]
            check("what holds photos stays", not lost, lost)
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    main()

"""Reads back, service by service, what stands in an account, as JSON: for the story of a deployment.

Usage: read_back.py NAME REGION, with AWS_ENDPOINT_URL and credentials in the environment.
"""

import json
import sys

import boto3

name, region = sys.argv[1:]


def client(service, where=region):
    return boto3.client(service, region_name=where)


def plain(value):
    """Answers hold times and such; none of them is compared."""
    return json.loads(json.dumps(value, default=str))


def bucket(s3, bucket_name):
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket_name)["Policy"])
    encryption = s3.get_bucket_encryption(Bucket=bucket_name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    return {
        "blocked": s3.get_public_access_block(Bucket=bucket_name)["PublicAccessBlockConfiguration"],
        "encryption": encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"],
        "ownership": s3.get_bucket_ownership_controls(Bucket=bucket_name)["OwnershipControls"]["Rules"][0]["ObjectOwnership"],
        "lifecycle": [rule["ID"] for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket_name)["Rules"]],
        "policy": {statement["Sid"]: statement for statement in policy["Statement"]},
        "versioning": s3.get_bucket_versioning(Bucket=bucket_name).get("Status"),
    }


s3 = client("s3")
ours = [one["Name"] for one in s3.list_buckets()["Buckets"] if one["Name"].startswith(f"{name}-")]
rooms = {one.rsplit("-", 1)[1]: one for one in ours}
buckets = {room: bucket(s3, one) for room, one in rooms.items() if room != "state"}
originals = s3.get_bucket_notification_configuration(Bucket=rooms["originals"])["QueueConfigurations"]

dynamodb = client("dynamodb")
table = dynamodb.describe_table(TableName=name)["Table"]
backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]

sqs = client("sqs")
queues = {}
for url in sqs.list_queues(QueueNamePrefix=name)["QueueUrls"]:
    queues[url.rsplit("/", 1)[1]] = {"url": url, **sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]}

functions = {}
aws_lambda, iam = client("lambda"), client("iam")
for one in aws_lambda.list_functions()["Functions"]:
    role = one["Role"].rsplit("/", 1)[1]
    functions[one["FunctionName"]] = {
        "memory": one["MemorySize"],
        "timeout": one["Timeout"],
        "runtime": one["Runtime"],
        "architecture": one["Architectures"][0],
        "environment": one["Environment"]["Variables"],
        "live": aws_lambda.get_alias(FunctionName=one["FunctionName"], Name="live")["FunctionVersion"],
        "policies": {
            policy: iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]
            for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
        },
    }
mappings = aws_lambda.list_event_source_mappings()["EventSourceMappings"]

gateway = client("apigatewayv2")
api = next(one for one in gateway.get_apis()["Items"] if one["Name"] == name)
integrations = {one["IntegrationId"]: one["IntegrationUri"] for one in gateway.get_integrations(ApiId=api["ApiId"])["Items"]}
routes = {one["RouteKey"]: integrations[one["Target"].split("/")[1]] for one in gateway.get_routes(ApiId=api["ApiId"])["Items"]}
stage = gateway.get_stage(ApiId=api["ApiId"], StageName="$default")

events = client("events")
schedule = {}
for rule in events.list_rules(NamePrefix=name)["Rules"]:
    target = events.list_targets_by_rule(Rule=rule["Name"])["Targets"][0]
    schedule[rule["Name"]] = {"every": rule["ScheduleExpression"], "input": json.loads(target["Input"]), "target": target["Arn"]}

logs = client("logs")
cloudfront = client("cloudfront")
distribution = cloudfront.list_distributions()["DistributionList"]["Items"][0]
alarms = client("cloudwatch").describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]
edge_alarms = client("cloudwatch", "us-east-1").describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]

print(
    json.dumps(
        plain(
            {
                "buckets": buckets,
                "names": rooms,
                "notifications": originals,
                "state_versioning": s3.get_bucket_versioning(Bucket=rooms["state"]).get("Status"),
                "state_blocked": s3.get_public_access_block(Bucket=rooms["state"])["PublicAccessBlockConfiguration"],
                "cors": s3.get_bucket_cors(Bucket=rooms["originals"])["CORSRules"],
                "table": table,
                "table_ttl": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
                "table_backups": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
                "queues": queues,
                "functions": functions,
                "mappings": mappings,
                "routes": routes,
                "default_throttle": stage["DefaultRouteSettings"],
                "throttles": stage["RouteSettings"],
                "schedule": schedule,
                "retention": {one["logGroupName"]: one.get("retentionInDays") for one in logs.describe_log_groups()["logGroups"]},
                "alarms": {one["AlarmName"]: one["AlarmActions"] for one in alarms + edge_alarms},
                "edge": cloudfront.get_distribution(Id=distribution["Id"])["Distribution"]["DistributionConfig"],
            }
        )
    )
)

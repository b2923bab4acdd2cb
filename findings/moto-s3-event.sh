#!/usr/bin/env bash
# moto@5.2.5 (PyPI, pinned below): the event that S3 sends to EventBridge for a new object has other names and values there than in AWS's
# guide: `eTag` where AWS has `etag`, the version "null" where AWS has none (the bucket keeps no versions), and the reason
# `ObjectCreated` where AWS says which call it was (`PutObject`, `CopyObject`). What reads `etag` finds nothing. A bucket that a stack of
# CloudFormation makes with EventBridgeConfiguration sends no event at all: the stack drops it, and is CREATE_COMPLETE.
#
# Seen:
#   object eTag key sequencer size version-id; version null; reason ObjectCreated
#   the stack's bucket: CREATE_COMPLETE, EventBridge False, events 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'moto[cloudformation,events,s3,sqs]==5.2.5' boto3==1.44.8

cat > seen.py <<'PYTHON'
import json

import boto3
from moto import mock_aws

with mock_aws():
    s3, sqs, events, stacks = (boto3.client(name) for name in ("s3", "sqs", "events", "cloudformation"))
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    events.put_rule(Name="r", EventPattern='{"source":["aws.s3"],"detail-type":["Object Created"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": "arn:aws:sqs:us-east-1:123456789012:q"}])
    s3.create_bucket(Bucket="called")
    s3.put_bucket_notification_configuration(Bucket="called", NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.put_object(Bucket="called", Key="a.json", Body=b"{}")
    detail = json.loads(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])["detail"]
    print("object", *sorted(detail["object"]), end="; ")
    print("version", detail["object"]["version-id"], end="; ")
    print("reason", detail["reason"])
    sqs.purge_queue(QueueUrl=queue)
    wish = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "made", "NotificationConfiguration": wish}}
    stacks.create_stack(StackName="s", TemplateBody=json.dumps({"Resources": {"Bucket": bucket}}))
    status = stacks.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"]
    is_on = "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket="made")
    s3.put_object(Bucket="made", Key="a.json", Body=b"{}")
    came = sqs.receive_message(QueueUrl=queue).get("Messages", [])
    print(f"the stack's bucket: {status}, EventBridge {is_on}, events {len(came)}")
PYTHON
export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b
python/bin/python -W ignore seen.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
object eTag key sequencer size version-id; version null; reason ObjectCreated
the stack's bucket: CREATE_COMPLETE, EventBridge False, events 0
TEXT
echo "as described: moto's event of a new object says eTag, and a bucket of a stack sends none"

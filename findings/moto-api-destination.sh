#!/usr/bin/env bash
# moto@5.2.5 (PyPI, pinned below): a rule of EventBridge with an API destination as its target, and MOTO_EVENTS_INVOKE_HTTP=true, does call
# the address for each event that matches: without the event. The body is empty, there is no Content-Type, and the connection's key is
# not among the headers, though moto keeps it in its Secrets Manager. Headers of the target's HttpParameters are sent. What the address
# answers is not looked at: after a 500 it is not called again, and the dead-letter queue stays empty. Without the variable nothing is
# called, and nothing said.
#
# Seen:
#   called 1 POST /hook length 0 content-type None authorization None x-own yes
#   failed 0 letters 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'moto[events,sqs,secretsmanager]==5.2.5' boto3==1.44.8

cat > seen.py <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
from moto import mock_aws

calls = []


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        header = self.headers.get
        self.rfile.read(int(header("content-length") or 0))
        calls.append([self.command, self.path, "length", header("content-length"), "content-type", header("content-type"),
                      "authorization", header("authorization"), "x-own", header("x-own")])
        self.send_response(500)
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=server.serve_forever, daemon=True).start()

with mock_aws(config={"core": {"passthrough": {"urls": ["http://127.0.0.1"]}}}):
    events, sqs = boto3.client("events"), boto3.client("sqs")
    key = {"ApiKeyName": "Authorization", "ApiKeyValue": "Bearer s3cret"}
    connection = events.create_connection(Name="c", AuthorizationType="API_KEY", AuthParameters={"ApiKeyAuthParameters": key})
    kept = boto3.client("secretsmanager").list_secrets()["SecretList"]
    assert len(kept) == 1, kept
    destination = events.create_api_destination(
        Name="d", ConnectionArn=connection["ConnectionArn"], HttpMethod="POST",
        InvocationEndpoint=f"http://127.0.0.1:{server.server_port}/hook",
    )
    letters = sqs.create_queue(QueueName="letters")["QueueUrl"]
    events.put_rule(Name="r", EventPattern='{"source":["fleet"]}')
    events.put_targets(Rule="r", Targets=[{
        "Id": "t", "Arn": destination["ApiDestinationArn"], "RoleArn": "arn:aws:iam::123456789012:role/r",
        "HttpParameters": {"HeaderParameters": {"x-own": "yes"}}, "RetryPolicy": {"MaximumRetryAttempts": 3},
        "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:letters"},
    }])
    answer = events.put_events(Entries=[{"Source": "fleet", "DetailType": "moved", "Detail": json.dumps({"bus": 7})}])
    waiting = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
print("called", len(calls), *calls[0])
print("failed", answer["FailedEntryCount"], "letters", waiting["ApproximateNumberOfMessages"])
PYTHON
export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b MOTO_EVENTS_INVOKE_HTTP=true
unset HTTP_PROXY http_proxy
python/bin/python -W ignore seen.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
called 1 POST /hook length 0 content-type None authorization None x-own yes
failed 0 letters 0
TEXT
echo "as described: moto's API destination is called without the event and without the connection's key"

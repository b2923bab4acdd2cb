#!/usr/bin/env bash
# moto@5.2.5 (PyPI, pinned below): a topic of SNS delivers to an HTTP subscription, and not as AWS documents it. With RawMessageDelivery
# set, and shown as set, the body is the envelope all the same. Message attributes are not in it. The signature is of version 2 though
# the topic says nothing of it (AWS's own is 1 then), and covers no Subject though there is one. An answer of 500 is the end: the message
# is not sent again, and the subscription's dead-letter queue stays empty. The same subscription for SQS is raw, and has the attributes.
#
# Seen:
#   raw true, the body is Notification with Message hello
#   attributes in it False, Subject hi, signed with Subject False, without True
#   signature version of the topic None, of the message 2
#   calls 1 after a 500, letters 0
#   SQS raw hello
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'moto[sns,sqs]==5.2.5' boto3==1.44.8 cryptography==50.0.2

cat > seen.py <<'PYTHON'
import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from moto import mock_aws

bodies = []


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(500)
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=server.serve_forever, daemon=True).start()


def is_signed(message, certificate, names):
    text = "".join(f"{name}\n{message[name]}\n" for name in names)
    try:
        certificate.public_key().verify(base64.b64decode(message["Signature"]), text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return True
    except InvalidSignature:
        return False


with mock_aws(config={"core": {"passthrough": {"urls": ["http://127.0.0.1"]}}}):
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name="orders")["TopicArn"]
    queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("letters", "beside")}
    raw = {"RawMessageDelivery": "true"}
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:letters"})}
    web = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{server.server_port}/hook",
                        Attributes={**raw, **redrive}, ReturnSubscriptionArn=True)["SubscriptionArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:beside", Attributes=raw)
    shown = sns.get_subscription_attributes(SubscriptionArn=web)["Attributes"]["RawMessageDelivery"]
    attributes = {"k": {"DataType": "String", "StringValue": "v"}}
    sns.publish(TopicArn=topic, Message="hello", Subject="hi", MessageAttributes=attributes)
    time.sleep(1)
    [body] = bodies

    certificate = x509.load_pem_x509_certificate(requests.get(body["SigningCertURL"]).content)
    print(f"raw {shown}, the body is {body['Type']} with Message {body['Message']}")
    plain = ["Message", "MessageId", "Timestamp", "TopicArn", "Type"]
    full = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    print(f"attributes in it {'MessageAttributes' in body}, Subject {body['Subject']}, "
          f"signed with Subject {is_signed(body, certificate, full)}, without {is_signed(body, certificate, plain)}")
    version = sns.get_topic_attributes(TopicArn=topic)["Attributes"].get("SignatureVersion")
    print(f"signature version of the topic {version}, of the message {body['SignatureVersion']}")
    count = sqs.get_queue_attributes(QueueUrl=queues["letters"], AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    print(f"calls {len(bodies)} after a 500, letters {count['ApproximateNumberOfMessages']}")
    print("SQS raw", sqs.receive_message(QueueUrl=queues["beside"])["Messages"][0]["Body"])
PYTHON
export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b
unset HTTP_PROXY http_proxy
python/bin/python -W ignore seen.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
raw true, the body is Notification with Message hello
attributes in it False, Subject hi, signed with Subject False, without True
signature version of the topic None, of the message 2
calls 1 after a 500, letters 0
SQS raw hello
TEXT
echo "as described: moto's SNS over HTTP is never raw, has no attributes, signs no Subject and gives up in silence"

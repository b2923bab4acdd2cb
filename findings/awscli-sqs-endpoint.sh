#!/usr/bin/env bash
# awscli@1.46.3 (PyPI, pinned below): `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_SQS` are heeded by every service but SQS in the regions
# for which the program has an older host name: there its own name takes their place, and the call goes to AWS. In a region
# without such a name, and with `--endpoint-url`, it goes where it was told. boto3@1.44.8 heeds the variables for SQS too.
#
# Seen, with both variables saying http://127.0.0.1:PORT where nothing listens; the host that could not be reached:
#   aws sns publish, us-east-1                         127.0.0.1
#   aws sqs send-message, us-east-1                    queue.amazonaws.com
#   aws sqs send-message, eu-central-2                 127.0.0.1
#   aws sqs send-message, us-east-1, --endpoint-url    127.0.0.1
#   boto3, send_message, us-east-1                     127.0.0.1
#
# Nothing leaves the machine: every name but 127.0.0.1 leads to a proxy that is not there.
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for package in awscli==1.46.3 boto3==1.44.8; do
  python3 -m venv "${package%%=*}"
  "${package%%=*}/bin/pip" install --quiet --disable-pip-version-check "$package"
done

export HOME="$folder" AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_MAX_ATTEMPTS=1 AWS_EC2_METADATA_DISABLED=true
export AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_ENDPOINT_URL_SQS=http://127.0.0.1:1
export HTTPS_PROXY=http://127.0.0.1:2 NO_PROXY=127.0.0.1
unset HTTP_PROXY https_proxy http_proxy

# The host of the last address in what the program says of the connection that it did not get.
host() { grep -o 'https\?://[^/":]*' | tail -n 1 | sed 's#.*//##'; }
# Which host awscli calls in the region $1 for the command that follows.
called() { AWS_REGION=$1 AWS_DEFAULT_REGION=$1 awscli/bin/aws --debug "${@:2}" 2>&1 | grep -o "'url': '[^']*'" | host || true; }

message=(send-message --queue-url q --message-body x)
{
  echo "sns us-east-1 $(called us-east-1 sns publish --topic-arn arn:aws:sns:us-east-1:000000000000:t --message x)"
  echo "sqs us-east-1 $(called us-east-1 sqs "${message[@]}")"
  echo "sqs eu-central-2 $(called eu-central-2 sqs "${message[@]}")"
  echo "sqs us-east-1 told $(called us-east-1 --endpoint-url http://127.0.0.1:1 sqs "${message[@]}")"
  echo "boto3 sqs us-east-1 $(AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 boto3/bin/python -c '
import boto3
try:
    boto3.client("sqs").send_message(QueueUrl="q", MessageBody="x")
except Exception as error:
    print(error)
' | host)"
} | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
sns us-east-1 127.0.0.1
sqs us-east-1 queue.amazonaws.com
sqs eu-central-2 127.0.0.1
sqs us-east-1 told 127.0.0.1
boto3 sqs us-east-1 127.0.0.1
TEXT
echo "as described: awscli sends messages to AWS in spite of the endpoint that it was given"

#!/usr/bin/env bash
# moto@5.2.5 (PyPI, pinned below): what CloudFormation makes there is not what the same services make by their own calls.
#   - `{{resolve:secretsmanager:…}}` is not resolved: the text itself is the value, in a stack that is CREATE_COMPLETE.
#   - An inline policy of a role comes back from `get_role_policy` as Python writes a dictionary, with single quotes: boto3, which makes
#     an object of every policy, answers a text.
#   - A stack of a change set, as `aws cloudformation deploy` makes it, has no Outputs; one of `create_stack` has.
#
# Seen:
#   description {{resolve:secretsmanager:s:SecretString:key}}
#   policy of the stack: str {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sqs:SendMessage', 'Resource': '*'}]}
#   the same, put by a call: dict
#   outputs of create_stack 1, of a change set None
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'moto[cloudformation,iam,secretsmanager]==5.2.5' boto3==1.44.8

cat > seen.py <<'PYTHON'
import json
import logging

import boto3
from moto import mock_aws

logging.disable(logging.CRITICAL)
trust = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "pipes.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}
template = json.dumps({
    "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {
        "Description": "{{resolve:secretsmanager:s:SecretString:key}}", "AssumeRolePolicyDocument": trust,
        "Policies": [{"PolicyName": "p", "PolicyDocument": policy}]}}},
    "Outputs": {"Name": {"Value": {"Ref": "Role"}}},
})
with mock_aws():
    stacks, iam = boto3.client("cloudformation"), boto3.client("iam")
    boto3.client("secretsmanager").create_secret(Name="s", SecretString='{"key":"resolved"}')
    capable = {"TemplateBody": template, "Capabilities": ["CAPABILITY_IAM"]}
    stacks.create_stack(StackName="one", **capable)
    stacks.create_change_set(StackName="two", ChangeSetName="c", ChangeSetType="CREATE", **capable)
    stacks.execute_change_set(StackName="two", ChangeSetName="c")
    one, two = (stacks.describe_stacks(StackName=name)["Stacks"][0] for name in ("one", "two"))
    assert one["StackStatus"] == two["StackStatus"] == "CREATE_COMPLETE"
    name = one["Outputs"][0]["OutputValue"]
    print("description", iam.get_role(RoleName=name)["Role"]["Description"])
    seen = iam.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"]
    print("policy of the stack:", type(seen).__name__, seen)
    iam.put_role_policy(RoleName=name, PolicyName="q", PolicyDocument=json.dumps(policy))
    print("the same, put by a call:", type(iam.get_role_policy(RoleName=name, PolicyName="q")["PolicyDocument"]).__name__)
    print("outputs of create_stack", len(one["Outputs"]), "of a change set", two.get("Outputs"))
PYTHON
export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b
python/bin/python -W ignore seen.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
description {{resolve:secretsmanager:s:SecretString:key}}
policy of the stack: str {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sqs:SendMessage', 'Resource': '*'}]}
the same, put by a call: dict
outputs of create_stack 1 of a change set None
TEXT
echo "as described: a stack of moto keeps references to secrets unread, policies as Python's text, and no outputs when it is deployed"

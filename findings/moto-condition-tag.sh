#!/usr/bin/env bash
# moto@5.2.5 (PyPI, pinned below): in a CloudFormation template in YAML the short form `!Condition Name` is not a condition. In `!And` and
# `!Or` it counts as false, so that resources are left out of a stack that is CREATE_COMPLETE; in `!Not` the whole is true, whatever the
# condition. `{Condition: Name}`, which means the same, is understood. cfn-lint@1.58.0 takes both.
#
# Seen: the stack's status and the resources that it has, with HasA and NoB true
#   !And [!Condition HasA, !Condition NoB]             CREATE_COMPLETE Always
#   !And [{Condition: HasA}, {Condition: NoB}]         CREATE_COMPLETE Always Sometimes
#   !Or [!Condition HasA, !Condition NoB]              CREATE_COMPLETE Always
#   !Not [!Condition HasA]                             CREATE_COMPLETE Always Sometimes
#   !Not [{Condition: HasA}]                           CREATE_COMPLETE Always
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'moto[cloudformation,sqs]==5.2.5' cfn-lint==1.58.0 boto3==1.44.8

cat > seen.py <<'PYTHON'
import logging

import boto3
from moto import mock_aws

logging.disable(logging.CRITICAL)
TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  A: {Type: String, Default: x}
  B: {Type: String, Default: ''}
Conditions:
  HasA: !Not [!Equals [!Ref A, '']]
  NoB: !Equals [!Ref B, '']
  Both: CONDITION
Resources:
  Always: {Type: AWS::SQS::Queue}
  Sometimes: {Type: AWS::SQS::Queue, Condition: Both}
"""
CONDITIONS = [
    "!And [!Condition HasA, !Condition NoB]",
    "!And [{Condition: HasA}, {Condition: NoB}]",
    "!Or [!Condition HasA, !Condition NoB]",
    "!Not [!Condition HasA]",
    "!Not [{Condition: HasA}]",
]
for number, condition in enumerate(CONDITIONS):
    template = TEMPLATE.replace("CONDITION", condition)
    with open(f"{number}.yaml", "w") as file:
        file.write(template)
    with mock_aws():
        stacks = boto3.client("cloudformation")
        stacks.create_stack(StackName="s", TemplateBody=template)
        status = stacks.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"]
        found = stacks.describe_stack_resources(StackName="s")["StackResources"]
        print(condition, status, *sorted(one["LogicalResourceId"] for one in found if "PhysicalResourceId" in one))
PYTHON
export AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b
python/bin/python -W ignore seen.py | tee seen
python/bin/cfn-lint --ignore-checks W8001 -- *.yaml
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
!And [!Condition HasA, !Condition NoB] CREATE_COMPLETE Always
!And [{Condition: HasA}, {Condition: NoB}] CREATE_COMPLETE Always Sometimes
!Or [!Condition HasA, !Condition NoB] CREATE_COMPLETE Always
!Not [!Condition HasA] CREATE_COMPLETE Always Sometimes
!Not [{Condition: HasA}] CREATE_COMPLETE Always
TEXT
echo "as described: moto leaves out what a template with !Condition asks for, and says CREATE_COMPLETE"

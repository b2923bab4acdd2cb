#!/usr/bin/env bash
# cfn-lint@1.58.0 (PyPI, pinned below): W1030 checks a parameter's default in the places that refer to it, and follows the conditions under
# which a place counts. Not where a condition is an `!And`: a parameter that is empty by default, and is used only where the condition
# says that it is not, is said to be too short there. With the same condition written out as one `!Equals` nothing is said. Values given
# by `--parameters` take the place of the defaults; those of `--parameter-files` come on top, and the defaults are checked as before.
#
# The template makes a queue where no ARN is given and a name is. Seen, the rules that it breaks:
#   !And [{Condition: HasName}, !Equals [!Ref Source, '']]    W1030 W1030
#   the same, with --parameters                               none
#   the same, with --parameter-files                          W1030 W1030
#   !Equals [!Ref Source, '']                                 none
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check cfn-lint==1.58.0

# The template with $1 as the condition under which the queue is made.
template() {
  cat <<YAML
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Name: {Type: String, Default: ''}
  Source: {Type: String, Default: ''}
Conditions:
  HasName: !Not [!Equals [!Ref Name, '']]
  Makes: $1
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Condition: Makes
  Pipe:
    Type: AWS::Pipes::Pipe
    Condition: HasName
    Properties:
      RoleArn: arn:aws:iam::111122223333:role/r
      Source: !If [Makes, !GetAtt Queue.Arn, !Ref Source]
      Target: arn:aws:sqs:us-east-1:111122223333:t
YAML
}
template "!And [{Condition: HasName}, !Equals [!Ref Source, '']]" > and.yaml
template "!Equals [!Ref Source, '']" > equals.yaml
arn=arn:aws:sqs:us-east-1:111122223333:mine
echo "[{\"ParameterKey\":\"Name\",\"ParameterValue\":\"n\"},{\"ParameterKey\":\"Source\",\"ParameterValue\":\"$arn\"}]" > given.json

rules() { echo "$1:" $(python/bin/cfn-lint --format parseable "${@:2}" | cut -d: -f6 || true); }
{
  rules and and.yaml
  rules and-parameters and.yaml --parameters Name=n "Source=$arn"
  rules and-parameter-files and.yaml --parameter-files given.json
  rules equals equals.yaml
} | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
and: W1030 W1030
and-parameters:
and-parameter-files: W1030 W1030
equals:
TEXT
echo "as described: W1030 warns of an empty parameter where the template's own condition leaves it out"

"""Deploys infra/aws-sources.yaml to moto: by CloudFormation what moto's CloudFormation makes, and the rest by the calls that
CloudFormation would make, with the properties as the template has them. Used by aws_template.test.mjs.

In: {"template": path, "parameters": {…}}. Out: {"stack": {logical id: physical id}, "called": {logical id: [service, method]},
"unknown": {the same, of calls that moto does not know}, "properties": {logical id: …}, "outputs": {…}, "secrets": {ARN: value}}.
"""

import json
import re
import sys

import boto3
from botocore.exceptions import ClientError
from cfnlint.decode.cfn_yaml import loads as load

# What moto's CloudFormation makes of the template's types. The test fails when it makes more.
MADE = {
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Kinesis::Stream",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
}


def lower(value):
    """The names of IoT's calls begin with small letters."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: lower(one) for name, one in value.items()}
    return [lower(one) for one in value] if isinstance(value, list) else value


def text(value):
    return value if isinstance(value, str) else json.dumps(value)


# The call behind each other type: service, method, its arguments, and the ids it gives as (Ref, {attribute: value}).
CALLS = {
    "AWS::Logs::LogStream": ("logs", "create_log_stream", lambda _, p: lower(p), lambda p, _: (p["LogStreamName"], {})),
    "AWS::KinesisFirehose::DeliveryStream": (
        "firehose",
        "create_delivery_stream",
        lambda name, p: {"DeliveryStreamName": name, **p},
        lambda p, answer: (answer["DeliveryStreamARN"].split("/")[-1], {"Arn": answer["DeliveryStreamARN"]}),
    ),
    "AWS::SNS::Subscription": (
        "sns",
        "subscribe",
        lambda _, p: {
            **{name: p.pop(name) for name in ("TopicArn", "Protocol", "Endpoint")},
            "ReturnSubscriptionArn": True,
            "Attributes": {name: text(value) for name, value in p.items()},
        },
        lambda _, answer: (answer["SubscriptionArn"], {}),
    ),
    "AWS::SQS::QueuePolicy": (
        "sqs",
        "set_queue_attributes",
        lambda _, p: {"QueueUrl": p["Queues"][0], "Attributes": {"Policy": json.dumps(p["PolicyDocument"])}},
        lambda *_: ("policy", {}),
    ),
    "AWS::CloudWatch::Alarm": (
        "cloudwatch",
        "put_metric_alarm",
        lambda name, p: {"AlarmName": name, **p},
        lambda *_: ("alarm", {}),
    ),
    "AWS::IoT::TopicRuleDestination": (
        "iot",
        "create_topic_rule_destination",
        lambda _, p: {"destinationConfiguration": {"httpUrlConfiguration": lower(p["HttpUrlProperties"])}},
        lambda _, answer: (answer["topicRuleDestination"]["arn"], {}),
    ),
    "AWS::IoT::TopicRule": (
        "iot",
        "create_topic_rule",
        lambda name, p: {"ruleName": name.replace("-", "_"), "topicRulePayload": lower(p["TopicRulePayload"])},
        lambda *_: ("rule", {}),
    ),
    "AWS::Events::Connection": (
        "events",
        "create_connection",
        lambda name, p: {"Name": name, **p},
        lambda _, answer: (answer["ConnectionArn"].split("/")[1], {"Arn": answer["ConnectionArn"]}),
    ),
    "AWS::Events::ApiDestination": (
        "events",
        "create_api_destination",
        lambda name, p: {"Name": name, **p},
        lambda _, answer: (answer["ApiDestinationArn"].split("/")[1], {"Arn": answer["ApiDestinationArn"]}),
    ),
    "AWS::Pipes::Pipe": (
        "pipes",
        "create_pipe",
        lambda name, p: {"Name": name, **p},
        lambda p, answer: (answer["Name"], {"Arn": answer["Arn"]}),
    ),
}

PSEUDO = {"AWS::AccountId": "123456789012", "AWS::Region": "us-east-1", "AWS::Partition": "aws", "AWS::StackName": "feeds"}
NOTHING = object()


class Deployment:
    """A template with what is known of its resources so far."""

    def __init__(self, template, parameters):
        self.template = template
        self.values = {name: str(p["Default"]) for name, p in template["Parameters"].items() if "Default" in p}
        self.values.update(parameters, **PSEUDO)
        self.attributes = {}
        self.secrets = {}

    def holds(self, condition):
        return self.resolved(self.template["Conditions"][condition])

    def resolved(self, node):
        """The node without functions. KeyError: it needs a resource that is not there yet."""
        if isinstance(node, list):
            return [one for one in map(self.resolved, node) if one is not NOTHING]
        if not isinstance(node, dict):
            return self.secret(str(node)) if isinstance(node, str) else node
        if len(node) == 1:
            ((name, value),) = node.items()
            function = getattr(self, name.replace("Fn::", "").lower() + "_", None) if name[0] in "FRC" else None
            if function and name in {"Ref", "Condition"} or name.startswith("Fn::"):
                return function(value)
        pairs = {str(name): self.resolved(value) for name, value in node.items()}
        return {name: value for name, value in pairs.items() if value is not NOTHING}

    def secret(self, value):
        """Takes the place of Secrets Manager's references."""

        def read(match):
            arn, key = match[1], match[2]
            answer = client("secretsmanager").get_secret_value(SecretId=arn)
            self.secrets[arn] = json.loads(answer["SecretString"])[key]
            return self.secrets[arn]

        return re.sub(r"\{\{resolve:secretsmanager:(.+?):SecretString:(\w+)\}\}", read, value)

    def ref_(self, name):
        return NOTHING if name == "AWS::NoValue" else self.values[name]

    def getatt_(self, path):
        logical, attribute = path if isinstance(path, list) else path.split(".")
        return self.attributes[logical, attribute]

    def sub_(self, value):
        pattern, own = value if isinstance(value, list) else (value, {})
        own = {name: self.resolved(one) for name, one in own.items()}

        def fill(match):
            name = match[1]
            return own[name] if name in own else self.getatt_(name) if "." in name else self.values[name]

        return self.secret(re.sub(r"\$\{([A-Za-z0-9:.]+)\}", fill, pattern))

    def if_(self, value):
        return self.resolved(value[1 if self.holds(value[0]) else 2])

    def condition_(self, name):
        return self.holds(name)

    def equals_(self, value):
        return self.resolved(value[0]) == self.resolved(value[1])

    def not_(self, value):
        return not self.resolved(value[0])

    def and_(self, value):
        return all(self.resolved(value))

    def or_(self, value):
        return any(self.resolved(value))

    def select_(self, value):
        return self.resolved(value[1])[int(value[0])]

    def split_(self, value):
        return self.resolved(value[1]).split(value[0])


def client(service):
    return boto3.client(service)


def known(deployment, node):
    """The template's own text with what is known in place of references to what moto's CloudFormation does not make."""
    if isinstance(node, list):
        return [known(deployment, one) for one in node]
    if not isinstance(node, dict):
        return node
    if set(node) == {"Fn::GetAtt"} and tuple(node["Fn::GetAtt"]) in deployment.attributes:
        return deployment.attributes[tuple(node["Fn::GetAtt"])]
    return {str(name): known(deployment, value) for name, value in node.items()}


def call(deployment, logical, resource, done):
    """Makes a resource by its service's call, if all that it needs is there."""
    try:
        properties = deployment.resolved(resource["Properties"])
    except KeyError:
        return False
    service, method, arguments, ids = CALLS[resource["Type"]]
    done["properties"][logical] = json.loads(json.dumps(properties))
    try:
        answer = getattr(client(service), method)(**arguments(f"feeds-{logical}", properties))
    except ClientError as error:
        # moto's server answers 500 to a call that it does not know.
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 500:
            raise
        done["unknown"][logical] = [service, method]
        deployment.values[logical] = f"{logical} that is not there"
        return True
    deployment.values[logical], attributes = ids(properties, answer)
    deployment.attributes.update({(logical, name): value for name, value in attributes.items()})
    done["called"][logical] = [service, method]
    return True


def main():
    wish = json.load(sys.stdin)
    with open(wish["template"]) as file:
        template = load(file.read())
    deployment = Deployment(template, wish["parameters"])
    refuse(deployment, wish["parameters"])
    there = {n: r for n, r in template["Resources"].items() if "Condition" not in r or deployment.holds(r["Condition"])}
    rest = {name: r for name, r in there.items() if r["Type"] not in MADE}
    done = {"stack": {}, "called": {}, "unknown": {}, "properties": {}}

    def call_all():
        while any([call(deployment, name, rest.pop(name), done) for name in list(rest) if ready(name)]):
            pass

    def ready(name):
        try:
            deployment.resolved(rest[name]["Properties"])
        except KeyError:
            return False
        return True

    # Connections and API destinations first: the roles name them.
    call_all()
    own = {name: r for name, r in template["Resources"].items() if r["Type"] in MADE}
    body = known(deployment, {**template, "Resources": own, "Outputs": {}})
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in wish["parameters"].items()]
    stacks = client("cloudformation")
    stacks.create_stack(
        StackName="feeds", TemplateBody=json.dumps(body), Parameters=given, Capabilities=["CAPABILITY_IAM"]
    )
    status = stacks.describe_stacks(StackName="feeds")["Stacks"][0]["StackStatus"]
    assert status == "CREATE_COMPLETE", status
    for resource in stacks.describe_stack_resources(StackName="feeds")["StackResources"]:
        # moto lists what a condition leaves out, too, with no id.
        if "PhysicalResourceId" not in resource:
            continue
        done["stack"][resource["LogicalResourceId"]] = resource["PhysicalResourceId"]
        deployment.values[resource["LogicalResourceId"]] = resource["PhysicalResourceId"]
        learn(deployment, resource)
    call_all()
    assert not rest, f"these need what is not there: {list(rest)}"
    shown = {n: o for n, o in template["Outputs"].items() if "Condition" not in o or deployment.holds(o["Condition"])}
    done["outputs"] = {name: deployment.resolved(output["Value"]) for name, output in shown.items()}
    done["secrets"] = deployment.secrets
    json.dump(done, sys.stdout)


def refuse(deployment, given):
    """Ends where CloudFormation refuses parameters, which moto does not: their patterns, and the template's rules."""
    for name, value in given.items():
        pattern = deployment.template["Parameters"][name].get("AllowedPattern")
        # Tests' own deployments have a port.
        if pattern and not re.fullmatch(pattern, re.sub(r"^(https://127\.0\.0\.1):\d+$", r"\1", value)):
            sys.exit(f"{name} does not match {pattern}")
    for rule in deployment.template["Rules"].values():
        if deployment.resolved(rule["RuleCondition"]):
            for assertion in rule["Assertions"]:
                if not deployment.resolved(assertion["Assert"]):
                    sys.exit(assertion["AssertDescription"])


def learn(deployment, resource):
    """The attributes of what moto's CloudFormation made, asked of its service."""
    logical, physical, kind = (resource[name] for name in ("LogicalResourceId", "PhysicalResourceId", "ResourceType"))
    attributes = {}
    if kind == "AWS::SQS::Queue":
        arn = client("sqs").get_queue_attributes(QueueUrl=physical, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        attributes = {"Arn": arn, "QueueName": arn.split(":")[-1]}
    elif kind == "AWS::IAM::Role":
        attributes = {"Arn": client("iam").get_role(RoleName=physical)["Role"]["Arn"]}
    elif kind == "AWS::S3::Bucket":
        attributes = {"Arn": f"arn:aws:s3:::{physical}"}
    elif kind == "AWS::DynamoDB::Table":
        attributes = {"StreamArn": client("dynamodb").describe_table(TableName=physical)["Table"]["LatestStreamArn"]}
    elif kind == "AWS::Kinesis::Stream":
        stream = client("kinesis").describe_stream_summary(StreamName=physical)["StreamDescriptionSummary"]
        attributes = {"Arn": stream["StreamARN"]}
    elif kind == "AWS::Events::Rule":
        attributes = {"Arn": client("events").describe_rule(Name=physical.split("|")[-1].split("/")[-1])["Arn"]}
    deployment.attributes.update({(logical, name): value for name, value in attributes.items()})


main()

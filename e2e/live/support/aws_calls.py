"""Runs calls of boto3 that are on standard input: [service, method, arguments]; writes what each returned as JSON.

{"$bytes": "text"} is bytes, {"$kpl": ["text", ...]} is what the Kinesis Producer Library makes of several records.
"""

import json
import sys

import boto3
import botocore.exceptions
from aws_kinesis_agg.aggregator import RecordAggregator


def value(given):
    if isinstance(given, list):
        return [value(one) for one in given]
    if not isinstance(given, dict):
        return given
    if "$bytes" in given:
        return given["$bytes"].encode()
    if "$kpl" in given:
        aggregator = RecordAggregator()
        for text in given["$kpl"]:
            aggregator.add_user_record("k", text.encode())
        return aggregator.clear_and_get().get_contents()[2]
    return {name: value(one) for name, one in given.items()}


def called(service, method, arguments):
    try:
        answer = getattr(boto3.client(service), method)(**value(arguments))
        about = answer.pop("ResponseMetadata")
        return {**answer, "$attempts": about["RetryAttempts"] + 1}
    except botocore.exceptions.ClientError as error:
        about = error.response["ResponseMetadata"]
        return {
            "error": error.response["Error"]["Code"],
            "message": error.response["Error"]["Message"],
            "status": about["HTTPStatusCode"],
            "$attempts": about["RetryAttempts"] + 1,
        }


print(json.dumps([called(*call) for call in json.load(sys.stdin)], default=str))

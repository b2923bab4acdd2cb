"""Reads OpenMetrics text from stdin with the parser of Prometheus' Python client; prints a JSON list of its samples."""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

samples = [
    {"name": sample.name, "labels": sample.labels, "value": sample.value, "type": family.type, "unit": family.unit}
    for family in text_string_to_metric_families(sys.stdin.read())
    for sample in family.samples
]
json.dump(samples, sys.stdout)

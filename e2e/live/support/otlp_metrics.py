"""Reads an OTLP request of metrics as JSON from stdin with the messages of OpenTelemetry's Python packages; prints its points."""

import json
import sys

from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

# It refuses members that it does not know.
request = Parse(sys.stdin.read(), ExportMetricsServiceRequest())
points = []
for resource in request.resource_metrics:
    service = {a.key: a.value.string_value for a in resource.resource.attributes}
    for scope in resource.scope_metrics:
        for metric in scope.metrics:
            data = getattr(metric, metric.WhichOneof("data"))
            for point in data.data_points:
                points.append({
                    "service": service["service.name"],
                    "name": metric.name,
                    "unit": metric.unit,
                    "kind": metric.WhichOneof("data"),
                    "labels": {a.key: a.value.string_value for a in point.attributes},
                    "value": point.as_int if point.WhichOneof("value") == "as_int" else point.as_double,
                    "seconds": point.time_unix_nano / 1e9,
                    "since": point.start_time_unix_nano / 1e9,
                })
json.dump(points, sys.stdout)

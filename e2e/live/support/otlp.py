# Metrics, sent by OpenTelemetry's own exporter.
#
#   python otlp.py ADDRESS SECRET [gzip]
#
# Prints what the exporter says of it: SUCCESS or FAILURE.

import sys

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource


def main(address, secret, packed=""):
    reader = InMemoryMetricReader()
    resource = Resource.create({"service.name": "edge", "service.instance.id": "web-1"})
    meter = MeterProvider(metric_readers=[reader], resource=resource).get_meter("test")
    meter.create_gauge("temperature", unit="Cel").set(21.5)
    requests = meter.create_counter("requests")
    requests.add(40, {"method": "GET"})
    requests.add(2, {"method": "PUT"})
    meter.create_up_down_counter("queue").add(-3)
    took = meter.create_histogram("took", unit="s")
    for seconds in (0.25, 0.5, 0.75):
        took.record(seconds)
    fuel = meter.create_gauge("fuel")
    fuel.set(0.5, {"vehicleId": "0012"})
    fuel.set(0.25, {"vehicleId": "v2"})
    exporter = OTLPMetricExporter(
        endpoint=address,
        headers={"Authorization": f"Bearer {secret}"},
        compression=Compression.Gzip if packed else Compression.NoCompression,
        timeout=5,
    )
    # The same export twice, as after an answer that was lost.
    data = reader.get_metrics_data()
    for _ in range(2):
        print(exporter.export(data).name)


main(*sys.argv[1:])

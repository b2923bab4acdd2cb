# Events of the CloudEvents SDK for Python, by its way of today and by the one of before: a line of JSON for each request, with its
# headers and its body in base64.
#
#   python cloudevents_sdk.py TIME_MS

import base64
import json
import sys
from datetime import datetime, timezone

from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1.http import CloudEvent as Before
from cloudevents.v1.conversion import to_binary, to_structured

time = datetime.fromtimestamp(int(sys.argv[1]) / 1000, timezone.utc)


def attributes(name, end):
    return {"specversion": "1.0", "id": f"id of {name}{end}", "source": "/fleet", "type": "example.moved", "subject": name}


def data(name):
    return {"vehicleId": name, "lat": 30.25, "lon": -97.75, "note": "ä \"x\""}


def tell(headers, body):
    body = body if isinstance(body, bytes) else body.encode()
    print(json.dumps({"headers": dict(headers), "body": base64.b64encode(body).decode()}))


for name, convert in [("py-binary", to_binary_event), ("py-structured", to_structured_event)]:
    own = {**attributes(name, " é"), "time": time, "datacontenttype": "application/json"}
    message = convert(CloudEvent(own, data(name)))
    tell(message.headers, message.body)
# It encodes nothing in headers.
for name, convert in [("before-binary", to_binary), ("before-structured", to_structured)]:
    tell(*convert(Before({**attributes(name, ""), "time": time.isoformat()}, data(name))))

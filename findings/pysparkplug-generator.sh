#!/usr/bin/env bash
# pysparkplug@0.6.1 (PyPI, pinned below): `update` and `update_device` are documented to take "an iterable of metrics". Given a generator they
# send a message without a metric, and nothing is said: the iterable is read to the end for the checks, and read again for the
# message. The node itself believes the new values, and shows them in its next birth only.
#
# Seen with Python 3.11, the client replaced by one that prints what it is given:
#   a list | NData | [7]
#   a generator | NData | []
#   a generator, of a device | DData | []
#   the node's own value | 8
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pysparkplug==0.6.1 protobuf==6.33.6 paho-mqtt==1.6.1

cat >probe.py <<'PY'
from pysparkplug import Client, DataType, Device, EdgeNode, Metric


def speed(value):
    return Metric(timestamp=None, name="speed", datatype=DataType.INT32, value=value)


class Keeping(Client):
    def set_will(self, message):
        pass

    def publish(self, message, **_):
        self.last = message.payload

    def connect(self, *_, callback, **__):
        callback(self)


client = Keeping()
node = EdgeNode("fleet", "gateway", [speed(0)], client=client)
node.register(Device("bus", [speed(0)]))
node.connect("broker.example")
for name, update in [
    ("a list", lambda: node.update([speed(7)])),
    ("a generator", lambda: node.update(speed(value) for value in [8])),
    ("a generator, of a device", lambda: node.update_device("bus", (speed(value) for value in [9]))),
]:
    update()
    print(name, type(client.last).__name__, [metric.value for metric in client.last.metrics], sep=" | ")
print("the node's own value", node.metrics["speed"].value, sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
a list | NData | [7]
a generator | NData | []
a generator, of a device | DData | []
the node's own value | 8
TEXT
echo "as described: what comes from a generator is not sent"

#!/usr/bin/env bash
# pysparkplug@0.6.1 (PyPI, pinned below): an edge node that disconnects in order says so with a number that no host waits for. In Sparkplug the
# `bdSeq` of an NDEATH is that of the NBIRTH before it, and a host ignores a death with another one. `EdgeNode.disconnect()` sends the
# number that was made for the next connection: one more. As the broker drops the will at an orderly end, the node stays online
# at the hosts for ever; a node that is cut off dies as it should, by its will.
# Whoever reads a death: `NDeath.decode` answers no time for one that has a time, and 0 for one that has none.
#
# Seen with Python 3.11, the client replaced by one that prints what it is given:
#   will | bdSeq 0
#   NBirth | bdSeq 0
#   will | bdSeq 1
#   NDeath | bdSeq 1
#   time written and read | 1772366400123 | None
#   time written and read | None | 0
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pysparkplug==0.6.1 protobuf==6.33.6 paho-mqtt==1.6.1

cat >probe.py <<'PY'
from pysparkplug import Client, DataType, EdgeNode, Metric, NDeath


def number(payload):
    metrics = payload.metrics if hasattr(payload, "metrics") else [payload.bd_seq_metric]
    return next(f"bdSeq {metric.value}" for metric in metrics if metric.name == "bdSeq")


class Printing(Client):
    def set_will(self, message):
        print("will", number(message.payload), sep=" | ")

    def publish(self, message, **_):
        print(type(message.payload).__name__, number(message.payload), sep=" | ")

    def connect(self, *_, callback, **__):
        callback(self)

    def disconnect(self):
        pass


node = EdgeNode("fleet", "gateway", [Metric(timestamp=None, name="speed", datatype=DataType.INT32, value=7)], client=Printing())
node.connect("broker.example")
node.disconnect()

for time in [1772366400123, None]:
    bd_seq = Metric(timestamp=None, name="bdSeq", datatype=DataType.INT64, value=0)
    print("time written and read", time, NDeath.decode(NDeath(timestamp=time, bd_seq_metric=bd_seq).encode()).timestamp, sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
will | bdSeq 0
NBirth | bdSeq 0
will | bdSeq 1
NDeath | bdSeq 1
time written and read | 1772366400123 | None
time written and read | None | 0
TEXT
echo "as described: an orderly death has the number of the next birth, and its time is lost"

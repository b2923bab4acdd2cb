#!/usr/bin/env bash
# aiomqtt@2.5.1 (PyPI, pinned below): `Topic.matches("#")` and `matches("+/…")` are true of topics that begin with a dollar sign, such
# as the broker's own under $SYS. By MQTT 5 and 3.1.1 (4.7.2) a filter that begins with a wildcard does not match those, and
# paho-mqtt@2.2.0, which aiomqtt is made of, says so. A program that follows # and $SYS/# and asks `matches` what a message is for
# takes the broker's numbers for its own.
#
# Seen with Python 3.11:
#   topic | filter | aiomqtt | paho
#   fleet/v1 | # | True | True
#   $SYS/uptime | # | True | False
#   $SYS/uptime | +/uptime | True | False
#   $SYS/uptime | $SYS/# | True | True
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check aiomqtt==2.5.1 paho-mqtt==2.2.0

cat >probe.py <<'PY'
from aiomqtt import Topic
from paho.mqtt.client import topic_matches_sub

print("topic | filter | aiomqtt | paho")
for topic, wildcard in [("fleet/v1", "#"), ("$SYS/uptime", "#"), ("$SYS/uptime", "+/uptime"), ("$SYS/uptime", "$SYS/#")]:
    print(topic, wildcard, Topic(topic).matches(wildcard), topic_matches_sub(wildcard, topic), sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
topic | filter | aiomqtt | paho
fleet/v1 | # | True | True
$SYS/uptime | # | True | False
$SYS/uptime | +/uptime | True | False
$SYS/uptime | $SYS/# | True | True
TEXT
echo "as described: aiomqtt says that wildcards match topics of the broker, and paho that they do not"

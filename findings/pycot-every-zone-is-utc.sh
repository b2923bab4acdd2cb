#!/usr/bin/env bash
# PyCot@3.0.1 (PyPI, pinned below), which writes events of Cursor on Target, as TAK shows people and vehicles on a map: a time with an offset is
# written as it stands, with a Z behind it. 14:00+02:00 is 14:00Z, two hours late, and 06:00-06:00 is six hours early: the event is stale before it is
# sent, and a map drops it. Times of CoT are UTC (Event.xsd has xs:dateTime, which has a place for an offset, too). Nothing is said; with times in
# UTC, as in its readme, it is right.
# - A text in the detail is an attribute of it, so `remarks`, an element with text in CoT, are where no map looks for them. Of a list, such as two
#   links, the attribute is what Python prints.
#
# Seen with Python 3.11:
#   2026-03-01T12:00:00+00:00 | time="2026-03-01T12:00:00.00Z" | stale="2026-03-01T12:02:00.00Z"
#   2026-03-01T14:00:00+02:00 | time="2026-03-01T14:00:00.00Z" | stale="2026-03-01T14:02:00.00Z"
#   2026-03-01T06:00:00-06:00 | time="2026-03-01T06:00:00.00Z" | stale="2026-03-01T06:02:00.00Z"
#   {'contact': {'callsign': 'Bus'}} | <detail><contact callsign="Bus"></contact></detail>
#   {'remarks': 'on time'} | <detail remarks="on time"></detail>
#   {'link': [{'uid': 'A'}, {'uid': 'B'}]} | <detail link="[{'uid': 'A'}, {'uid': 'B'}]"></detail>
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check PyCot==3.0.1

cat >probe.py <<'PY'
from datetime import datetime, timedelta, timezone
import re

import CoT


def event(now, **detail):
    return CoT.Event(
        version="2.0",
        type="a-f-G-E-V-C",
        access="Undefined",
        uid="BUS-1",
        time=now,
        start=now,
        stale=now + timedelta(minutes=2),
        how="m-g",
        qos="2-i-c",
        point=CoT.Point(lat=30.26, lon=-97.74, hae=150, ce=5, le=5),
        detail=detail,
    ).xml()


for hour, offset in [(12, 0), (14, 2), (6, -6)]:
    now = datetime(2026, 3, 1, hour, tzinfo=timezone(timedelta(hours=offset)))
    print(now.isoformat(), *re.findall(r'(?:time|stale)="[^"]*"', event(now, contact={"callsign": "Bus"})), sep=" | ")
noon = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
for detail in [
    {"contact": {"callsign": "Bus"}},
    {"remarks": "on time"},
    {"link": [{"uid": "A"}, {"uid": "B"}]},
]:
    print(detail, re.search("<detail.*</detail>", event(noon, **detail))[0], sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
2026-03-01T12:00:00+00:00 | time="2026-03-01T12:00:00.00Z" | stale="2026-03-01T12:02:00.00Z"
2026-03-01T14:00:00+02:00 | time="2026-03-01T14:00:00.00Z" | stale="2026-03-01T14:02:00.00Z"
2026-03-01T06:00:00-06:00 | time="2026-03-01T06:00:00.00Z" | stale="2026-03-01T06:02:00.00Z"
{'contact': {'callsign': 'Bus'}} | <detail><contact callsign="Bus"></contact></detail>
{'remarks': 'on time'} | <detail remarks="on time"></detail>
{'link': [{'uid': 'A'}, {'uid': 'B'}]} | <detail link="[{'uid': 'A'}, {'uid': 'B'}]"></detail>
TEXT
echo "as described: a time with an offset is written as if it were UTC"

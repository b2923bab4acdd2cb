#!/usr/bin/env bash
# frost-sta-client@1.1.53 (PyPI, pinned below), a client of OGC SensorThings, in which a time is an instant or an interval with a slash between:
# an observation over an hour has one text of two times without the slash, which is no time. Its own error says that "time
# entities should consist of one or two datetimes". A list of one is an IndexError, of three the third is dropped. As text an interval is right.
# - A time without a zone goes out without one, where the standard has a zone; what it means is the server's guess.
# - The id of a new entity is taken from its address by counting characters: an id of text that is not quoted loses
#   its first and last letter, and in an address with two ids it is the first.
#
# Seen on 2026-11-30 with Python 3.11:
#   [12:00 UTC, 13:00 UTC] | 2026-03-01T12:00:00+00:002026-03-01T13:00:00+00:00
#   [12:00 UTC] | IndexError
#   text | 2026-03-01T12:00:00+00:00/2026-03-01T13:00:00+00:00
#   12:00 without a zone | 2026-03-01T12:00:00
#   Things(5) | 5
#   Things(f0e1) | 0e
#   Datastreams(7)/Observations(12) | 7
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check frost-sta-client==1.1.53

cat >probe.py <<'PY'
from datetime import datetime, timezone

from frost_sta_client import Observation
from frost_sta_client.utils import extract_value, transform_entity_to_json_dict

noon, one = (datetime(2026, 3, 1, hour, tzinfo=timezone.utc) for hour in (12, 13))
for name, time in [
    ("[12:00 UTC, 13:00 UTC]", [noon, one]),
    ("[12:00 UTC]", [noon]),
    ("text", "2026-03-01T12:00:00Z/2026-03-01T13:00:00Z"),
    ("12:00 without a zone", datetime(2026, 3, 1, 12)),
]:
    try:
        sent = transform_entity_to_json_dict(Observation(result=5, phenomenon_time=time))["phenomenonTime"]
    except IndexError as error:
        sent = type(error).__name__
    print(name, sent, sep=" | ")
for path in ("Things(5)", "Things(f0e1)", "Datastreams(7)/Observations(12)"):
    print(path, extract_value(f"http://sensors.example/v1.1/{path}"), sep=" | ")
PY
env/bin/python -W ignore probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
[12:00 UTC, 13:00 UTC] | 2026-03-01T12:00:00+00:002026-03-01T13:00:00+00:00
[12:00 UTC] | IndexError
text | 2026-03-01T12:00:00+00:00/2026-03-01T13:00:00+00:00
12:00 without a zone | 2026-03-01T12:00:00
Things(5) | 5
Things(f0e1) | 0e
Datastreams(7)/Observations(12) | 7
TEXT
echo "as described: an interval of two times is one text without a slash, and ids are cut"

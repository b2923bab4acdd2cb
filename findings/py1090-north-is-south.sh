#!/usr/bin/env bash
# py1090@1.1 (PyPI, pinned below), which reads what receivers of aircraft send on port 30003 (BaseStation, SBS-1) and computes with it:
# - `knots_to_mps` is 13 times too much: 100 knots are 667 m/s, where it should be 51. Kilometres an hour are right.
# - `bearing_between` has north and south change places: who goes north flies at 180 degrees. East and west are right.
# - A flag that is set is None, as one that is not there: dump1090 and others write -1 for it, and only 1 is known here. Neither an emergency
#   nor a plane on the ground is ever True, and when the message is written again the flag is empty.
# - The squawk, four octal digits of text in its documentation, is a number: 0033 is 33, also when it is written again.
# - A plane that has landed keeps its last altitude in the air, since 0 is no altitude; and what is at 0 feet, or on the equator, is not on its path.
#
# Seen on 2026-11-30 with Python 3.11:
#   100 knots | 185.2 km/h | 666.7 m/s
#   bearing to the north 180, east 90, south 0, west -90
#   emergency -1, on ground -1, squawk 0033 | None, None, 33
#   written again | ,33,,,,
#   altitudes 24400, 0 | last 24400, path [24400]
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check py1090==1.1

cat >probe.py <<'PY'
from math import degrees

from py1090 import FlightCollection, Message
from py1090.helpers import bearing_between, knots_to_kmh, knots_to_mps


def line(altitude=24400, squawk="", emergency=0, ground=0):
    when = "2026/03/01,12:00:00.370"
    return f"MSG,3,111,11111,3C49CC,111111,{when},{when},,{altitude},,,50.65931,6.67709,,{squawk},0,{emergency},0,{ground}"


print("100 knots", f"{knots_to_kmh(100):.1f} km/h", f"{knots_to_mps(100):.1f} m/s", sep=" | ")
ways = {"north": (1, 0), "east": (0, 1), "south": (-1, 0), "west": (0, -1)}
told = [f"{way} {degrees(bearing_between(0, 0, *to)):.0f}" for way, to in ways.items()]
print("bearing to the", ", ".join(told))
message = Message.from_string(line(squawk="0033", emergency=-1, ground=-1))
print("emergency -1, on ground -1, squawk 0033", f"{message.emergency}, {message.on_ground}, {message.squawk}", sep=" | ")
message.squawk_alert = message.spi = None
print("written again", message.to_string().strip()[-7:], sep=" | ")
collection = FlightCollection()
for altitude in (24400, 0):
    collection.add(line(altitude=altitude))
flight = collection["3C49CC"]
print("altitudes 24400, 0", f"last {flight.last_altitude}, path {[point[2] for point in flight.path]}", sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
100 knots | 185.2 km/h | 666.7 m/s
bearing to the north 180, east 90, south 0, west -90
emergency -1, on ground -1, squawk 0033 | None, None, 33
written again | ,33,,,,
altitudes 24400, 0 | last 24400, path [24400]
TEXT
echo "as described: speeds, bearings and flags are others, and 0 feet are no altitude"

#!/usr/bin/env bash
# simpleais@0.7.3 (PyPI, pinned below), messages of ships: no ship turns. The rate of turn of AIS (ITU-R M.1371-5, table 48) is a number whose
# square, over 4.733², is degrees per minute; it is divided by 60,000 here. A ship that turns by 709 degrees a minute, the most that can be said,
# turns by 0.0021. One that has no such instrument (-128) turns as far to the left.
# Places have four decimals of a degree, 11 m, where AIS has seven digits and pyais@3.3.1 (PyPI) 0.2 m: a ferry at the quay goes in steps. Values for
# "not known", 102.3 knots, 360 and 511 degrees, are passed on; a place that is not known is None.
#
# Seen with Python 3.11, the field, pyais, simpleais:
#   turn 0 | 0 | 0.0
#   turn 20 | 18 | 0.0003
#   turn 126 | 709 | 0.0021
#   turn 127 | 127 | 0.0021
#   turn -126 | -709 | -0.0021
#   turn -127 | -127 | -0.0021
#   turn -128 | -128 | -0.0021
#   0 m further north | 60.17 | 60.17
#   3 m further north | 60.17003 | 60.17
#   6 m further north | 60.17006 | 60.1701
#   speed not known | 102.3 | 102.3
#   course not known | 360.0 | 360.0
#   heading not known | 511 | 511
#   lat not known | 91.0 | None
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check simpleais==0.7.3 pyais==3.3.1

cat >probe.py <<'PY'
import pyais
import simpleais


def report(**fields):
    return pyais.encode_dict({"type": 1, "mmsi": 230123456, "lat": 60.1, "lon": 24.9, **fields}, talker_id="AI")[0]


for turn in [0, 20, 126, 127, -126, -127, -128]:
    # pyais takes degrees per minute, and three values as they are
    degrees = turn if abs(turn) > 126 else round((turn / 4.733) ** 2) * (1 if turn > 0 else -1)
    message = report(turn=degrees)
    print(f"turn {turn}", f"{float(pyais.decode(message).turn):g}", simpleais.parse(message)["turn"], sep=" | ")
for step in range(3):
    message = report(lat=60.17 + step * 0.00003)
    print(f"{step * 3} m further north", pyais.decode(message).lat, simpleais.parse(message)["lat"], sep=" | ")
message = report(speed=102.3, course=360, heading=511, lat=91, lon=181)
for name in ["speed", "course", "heading", "lat"]:
    print(f"{name} not known", pyais.decode(message).asdict()[name], simpleais.parse(message)[name], sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
turn 0 | 0 | 0.0
turn 20 | 18 | 0.0003
turn 126 | 709 | 0.0021
turn 127 | 127 | 0.0021
turn -126 | -709 | -0.0021
turn -127 | -127 | -0.0021
turn -128 | -128 | -0.0021
0 m further north | 60.17 | 60.17
3 m further north | 60.17003 | 60.17
6 m further north | 60.17006 | 60.1701
speed not known | 102.3 | 102.3
course not known | 360.0 | 360.0
heading not known | 511 | 511
lat not known | 91.0 | None
TEXT
echo "as described: the rate of turn is divided by 60,000, and places have four decimals"

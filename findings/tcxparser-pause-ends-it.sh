#!/usr/bin/env bash
# python-tcxparser@2.4.0 (PyPI, pinned below): what it says of a whole workout is true of a part.
# - `completed_at`, the time when the workout was completed, is that of the first pause in the last lap. A lap of TCX has any number of tracks, and
#   recorders begin a new one after each pause.
# - `cadence_avg`, the average cadence of the workout, is the last lap's alone, while `duration` and `calories` are of all laps.
# - `hr_time_in_zones` gives each heart rate the time of another point where a point has none, as the first ones do before the belt
#   is found: 870 s above 120 are 330 s. `HeartRateBpm` is optional in TCX.
#
# Seen with Python 3.11:
#   ended at 12:11:00, after a pause at 12:01:00 | 2026-03-01T12:01:00Z
#   laps of 600 s at 90 and of 60 s at 60 | duration 660 | cadence 60
#   150 a minute at 12:10:00 and 12:20:00, none at 12:00:00 and 12:01:00 | 0:05:30
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check python-tcxparser==2.4.0 lxml==6.1.3 python-dateutil==4.0.0

cat >probe.py <<'PY'
from io import BytesIO

from tcxparser import TCXParser

FILE = """<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities><Activity Sport="Biking">
<Id>2026-03-01T12:00:00Z</Id>{}</Activity></Activities></TrainingCenterDatabase>"""
LAP = """<Lap StartTime="2026-03-01T12:00:00Z"><TotalTimeSeconds>{}</TotalTimeSeconds><DistanceMeters>1000</DistanceMeters>
<Calories>10</Calories><Intensity>Active</Intensity><Cadence>{}</Cadence><TriggerMethod>Manual</TriggerMethod>{}</Lap>"""


def track(*points):
    rates = [(time, f"<HeartRateBpm><Value>{rate}</Value></HeartRateBpm>" if rate else "") for time, rate in points]
    return f"<Track>{''.join(f'<Trackpoint><Time>2026-03-01T{time}Z</Time>{rate}</Trackpoint>' for time, rate in rates)}</Track>"


def read(*laps):
    return TCXParser(BytesIO(FILE.format("".join(LAP.format(*lap) for lap in laps)).encode()))


before, after = track(("12:00:00", 100), ("12:01:00", 100)), track(("12:10:00", 150), ("12:11:00", 150))
paused = read((660, 90, before + after))
print("ended at 12:11:00, after a pause at 12:01:00", paused.completed_at, sep=" | ")
two = read((600, 90, before), (60, 60, after))
print("laps of 600 s at 90 and of 60 s at 60", f"duration {two.duration}", f"cadence {two.cadence_avg}", sep=" | ")
late = read((1200, 90, track(("12:00:00", None), ("12:01:00", None), ("12:10:00", 150), ("12:20:00", 150))))
zone = late.hr_time_in_zones({"high": (121, 220)})["high"]
print("150 a minute at 12:10:00 and 12:20:00, none at 12:00:00 and 12:01:00", zone, sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
ended at 12:11:00, after a pause at 12:01:00 | 2026-03-01T12:01:00Z
laps of 600 s at 90 and of 60 s at 60 | duration 660 | cadence 60
150 a minute at 12:10:00 and 12:20:00, none at 12:00:00 and 12:01:00 | 0:05:30
TEXT
echo "as described: a pause ends the workout, the last lap is its average, and heart rates have the time of other points"

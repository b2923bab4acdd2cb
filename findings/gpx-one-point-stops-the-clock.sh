#!/usr/bin/env bash
# gpx@2026.4.0 (PyPI, pinned below): one point without a time, which GPX allows, and the speeds of the whole track are other ones. Its distance is
# counted with the point and its time without.
# - At the end, as where a route was cut: the track takes no time and has an average speed of 0, and one in motion twice as high as any of its steps.
# - In the middle: nobody moves. Both steps at the point have a speed of 0, and `min_speed` and `max_speed` are 0 as well.
# - In a track of two segments the time of the first is gone, and its distance not: one walks at the double.
#
# Seen with Python 3.11, a walk of 5.57 m/s: average speed, in motion, least, most | duration, in motion
#   all have a time | 5.57 5.57 5.57 5.57 | 0:00:20 0:00:20
#   the last has none | 0.00 11.13 0.00 5.57 | 0:00:00 0:00:10
#   the middle one has none | 5.57 0.00 0.00 0.00 | 0:00:20 0:00:00
#   two segments, all | 5.57 5.57 5.57 5.57 | 0:00:40 0:00:40
#   two segments, the first without its last | 11.13 7.42 0.00 5.57 | 0:00:20 0:00:30
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check gpx==2026.4.0

cat >probe.py <<'PY'
import gpx


def walk(what, *segments):
    """Each segment is of points 10 s and 0.001 degrees apart; those named have no time."""
    xml, i = "", 0
    for without in segments:
        xml += "<trkseg>"
        for k in range(3):
            time = "" if k in without else f"<time>2026-03-01T12:00:{i * 10:02d}Z</time>"
            xml += f'<trkpt lat="60" lon="24.00{i}">{time}</trkpt>'
            i += 1
        xml += "</trkseg>"
    track = gpx.from_string(f'<gpx version="1.1" creator="probe" xmlns="http://www.topografix.com/GPX/1/1"><trk>{xml}</trk></gpx>').trk[0]
    speeds = [track.avg_speed, track.avg_moving_speed, track.min_speed, track.max_speed]
    print(what, *(" ".join(str(it) for it in each) for each in ([f"{it:.2f}" for it in speeds], [track.total_duration, track.moving_duration])), sep=" | ")


walk("all have a time", [])
walk("the last has none", [2])
walk("the middle one has none", [1])
walk("two segments, all", [], [])
walk("two segments, the first without its last", [2], [])
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
all have a time | 5.57 5.57 5.57 5.57 | 0:00:20 0:00:20
the last has none | 0.00 11.13 0.00 5.57 | 0:00:00 0:00:10
the middle one has none | 5.57 0.00 0.00 0.00 | 0:00:20 0:00:00
two segments, all | 5.57 5.57 5.57 5.57 | 0:00:40 0:00:40
two segments, the first without its last | 11.13 7.42 0.00 5.57 | 0:00:20 0:00:30
TEXT
echo "as described: a point without a time counts for the distance and not for the time"

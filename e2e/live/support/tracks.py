# Tracks as gpxpy writes and reads them, and events of Cursor on Target as pytak writes them.
#
#   python tracks.py write 1.0|1.1    a file
#   python tracks.py read             a file from standard input; JSON: [track, time in ms, lat, lon, elevation] of each point
#   python tracks.py cot TIME...      events of one thing after the other, as pytak's stream has them

import datetime
import json
import sys
import warnings

import gpxpy
import gpxpy.gpx

BEGIN = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)


def write(version):
    gpx = gpxpy.gpx.GPX()
    gpx.waypoints.append(gpxpy.gpx.GPXWaypoint(30.5, -97.5, elevation=150.5, name="Café <2>", symbol="Flag"))
    for name in ("north & south", "0012"):
        track = gpxpy.gpx.GPXTrack(name=name)
        for segment in range(2):
            points = gpxpy.gpx.GPXTrackSegment()
            for n in range(50):
                at = BEGIN + datetime.timedelta(seconds=segment * 100 + n, milliseconds=250 * (n % 4))
                point = gpxpy.gpx.GPXTrackPoint(30 + n / 1e4, -97 - segment / 1e3, elevation=100 + n / 10, time=at)
                if version == "1.0":
                    point.speed, point.course = 3.5, 90 + n
                points.points.append(point)
            track.segments.append(points)
        gpx.tracks.append(track)
    print(gpx.to_xml(version=version))


def read():
    gpx = gpxpy.parse(sys.stdin.read())
    millis = lambda at: round(at.timestamp() * 1000)
    points = [(t.name, p) for t in gpx.tracks for s in t.segments for p in s.points]
    print(json.dumps([[name, millis(p.time), p.latitude, p.longitude, p.elevation] for name, p in points]))


def cot():
    warnings.simplefilter("ignore")
    import pytak

    for n in range(20):
        event = pytak.gen_cot(lat=30 + n / 1e4, lon=-97.5, ce=9.5, hae=150 + n, uid=f"team-{n % 4}", stale=60, cot_type="a-f-G-U-C", callsign=f"Ghost {n % 4}")
        sys.stdout.write(event.decode() + "\n")
    sys.stdout.write(pytak.gen_cot(lat=0, lon=0, uid="lost", cot_type="a-f-G-U-C").decode())
    sys.stdout.write(pytak.gen_cot(uid="takPing", cot_type="t-x-c-t").decode())


{"write": lambda: write(sys.argv[2]), "read": read, "cot": cot}[sys.argv[1]]()

#!/usr/bin/env bash
# kml2geojson@6.0.0 (PyPI, pinned below): a track with a gap is an error, and with it the whole file. In a `gx:Track` each time has a place, and an
# empty `<gx:coord/>` stands where none is known, as Google's KML reference has it ("sparse data"): a tracker in a tunnel. It is read as a number,
# and a ValueError comes back.
# A placemark's name is what its ExtendedData says, where that has a field called "name", as a file has that was made from a table: the boat has the
# name of its owner. So it goes with "visibility" and "description". What the KML says itself is gone.
#
# Seen with Python 3.11:
#   <gx:coord>24.1 60 0</gx:coord> | the track | 1 features
#   <gx:coord>24.1 60 0</gx:coord> | the track and a point | 2 features
#   <gx:coord/> | the track | ValueError: could not convert string to float: ''
#   <gx:coord/> | the track and a point | ValueError: could not convert string to float: ''
#   owner | {'name': 'Boat', 'visibility': True, 'description': 'Red', 'owner': 'Anna'}
#   name | {'name': 'Anna', 'visibility': True, 'description': 'Red'}
#   description | {'name': 'Boat', 'visibility': True, 'description': 'none'}
#   visibility | {'name': 'Boat', 'visibility': '10 km', 'description': 'Red'}
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check kml2geojson==6.0.0

cat >probe.py <<'PY'
from xml.dom import minidom

from kml2geojson.main import build_feature_collection


def features(*placemarks):
    marks = "".join(f"<Placemark>{it}</Placemark>" for it in placemarks)
    kml = '<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>{}</Document></kml>'
    try:
        return build_feature_collection(minidom.parseString(kml.format(marks)))["features"]
    except ValueError as error:
        return error


WHENS = "".join(f"<when>2026-03-01T12:00:{second}Z</when>" for second in ("00", "10", "20"))
POINT = "<name>Harbour</name><Point><coordinates>24,60</coordinates></Point>"
for middle in ["<gx:coord>24.1 60 0</gx:coord>", "<gx:coord/>"]:
    track = f"<gx:Track>{WHENS}<gx:coord>24 60 0</gx:coord>{middle}<gx:coord>24.2 60 0</gx:coord></gx:Track>"
    for what, marks in [("the track", [track]), ("the track and a point", [track, POINT])]:
        found = features(*marks)
        print(middle, what, f"{len(found)} features" if isinstance(found, list) else f"ValueError: {found}", sep=" | ")
for field, value in [("owner", "Anna"), ("name", "Anna"), ("description", "none"), ("visibility", "10 km")]:
    data = f'<ExtendedData><Data name="{field}"><value>{value}</value></Data></ExtendedData>'
    (feature,) = features(f"<name>Boat</name><visibility>1</visibility><description>Red</description>{data}<Point><coordinates>24,60</coordinates></Point>")
    print(field, feature["properties"], sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
<gx:coord>24.1 60 0</gx:coord> | the track | 1 features
<gx:coord>24.1 60 0</gx:coord> | the track and a point | 2 features
<gx:coord/> | the track | ValueError: could not convert string to float: ''
<gx:coord/> | the track and a point | ValueError: could not convert string to float: ''
owner | {'name': 'Boat', 'visibility': True, 'description': 'Red', 'owner': 'Anna'}
name | {'name': 'Anna', 'visibility': True, 'description': 'Red'}
description | {'name': 'Boat', 'visibility': True, 'description': 'none'}
visibility | {'name': 'Boat', 'visibility': '10 km', 'description': 'Red'}
TEXT
echo "as described: an empty gx:coord is an error, and ExtendedData replaces the name"

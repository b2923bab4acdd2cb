#!/usr/bin/env bash
# geojson@3.3.0 (PyPI, pinned below): properties that have a member `type` whose value is a word of GeoJSON are taken for GeoJSON
# themselves. A place of `type` Point comes back with `coordinates` that nobody wrote, and one of `type` FeatureCollection can't be
# read at all. In RFC 7946 properties are any object; nothing in them is GeoJSON's.
#
# Seen with Python 3.11:
#   Bus | {"type": "Bus", "n": 1}
#   Point | {"type": "Point", "n": 1, "coordinates": []}
#   Feature | {"type": "Feature", "n": 1, "geometry": null, "properties": {}}
#   FeatureCollection | FeatureCollection.__init__() missing 1 required positional argument: 'features'
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check geojson==3.3.0

cat >probe.py <<'PY'
import json

import geojson

for kind in ["Bus", "Point", "Feature", "FeatureCollection"]:
    text = json.dumps({"type": "Feature", "geometry": None, "properties": {"type": kind, "n": 1}})
    try:
        print(kind, json.dumps(json.loads(geojson.dumps(geojson.loads(text)))["properties"]), sep=" | ")
    except TypeError as error:
        print(kind, error, sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
Bus | {"type": "Bus", "n": 1}
Point | {"type": "Point", "n": 1, "coordinates": []}
Feature | {"type": "Feature", "n": 1, "geometry": null, "properties": {}}
FeatureCollection | FeatureCollection.__init__() missing 1 required positional argument: 'features'
TEXT
echo "as described: properties with a type of GeoJSON are changed, or can not be read"

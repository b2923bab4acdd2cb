#!/usr/bin/env bash
# cap2geojson@0.1.0.dev4 (PyPI, pinned below; there is no later one), which makes "CAP alerts visualizable": what an alert warns of is not always on
# the map. In the Common Alerting Protocol (CAP 1.2, 3.2.4) an area is all of its polygons, circles and geocodes together, and there may be any number
# of each.
# - Of an area with a polygon and a circle the polygon is gone: only the circle is drawn.
# - An area with geocodes alone, as many services send it, and a circle with a radius of 0, a point, are a polygon without a corner, `[[]]`, which RFC
#   7946 (3.1.6) doesn't have (a ring has four positions or more). Map libraries stumble over it.
# - Two polygons in an area, two languages (`info`), and an alert that cancels another and has no `info`, which is optional, are errors about Python's
#   own types.
#
# Seen with Python 3.11:
#   polygon | Polygon | 4 positions | [-97.1, 30.1]
#   circle | Polygon | 65 positions | [-97.64797, 30.19999]
#   polygon and circle | Polygon | 65 positions | [-97.64797, 30.19999]
#   circle of 0 km | Polygon | 0 positions
#   geocode | Polygon | 0 positions
#   two polygons | AttributeError | 'list' object has no attribute 'replace'
#   two languages | AttributeError | 'list' object has no attribute 'get'
#   no info | KeyError | 'info'
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check cap2geojson==0.1.0.dev4

cat >probe.py <<'PY'
import json

from cap2geojson import transform

ALERT = (
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>id-1</identifier><sender>bus@example.org</sender>'
    "<sent>2026-03-01T12:00:00-06:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>{}</alert>"
)
INFO = (
    "<info><category>Met</category><event>Flood</event><urgency>Immediate</urgency><severity>Severe</severity>"
    "<certainty>Likely</certainty><area><areaDesc>Creek</areaDesc>{}</area></info>"
)
SQUARE = "<polygon>30.1,-97.1 30.2,-97.1 30.2,-97.2 30.1,-97.1</polygon>"
OTHER = "<polygon>31.1,-97.1 31.2,-97.1 31.2,-97.2 31.1,-97.1</polygon>"
CODE = "<geocode><valueName>SAME</valueName><value>048453</value></geocode>"
for name, info in [
    ("polygon", INFO.format(SQUARE)),
    ("circle", INFO.format("<circle>30.2,-97.7 5</circle>")),
    ("polygon and circle", INFO.format(SQUARE + "<circle>30.2,-97.7 5</circle>")),
    ("circle of 0 km", INFO.format("<circle>30.2,-97.7 0</circle>")),
    ("geocode", INFO.format(CODE)),
    ("two polygons", INFO.format(SQUARE + OTHER)),
    ("two languages", INFO.format(SQUARE) * 2),
    ("no info", ""),
]:
    try:
        made = transform(ALERT.format(info))
        for feature in (json.loads(made) if isinstance(made, str) else made)["features"]:
            shape = feature["geometry"]
            ring = shape["coordinates"][0]
            print(name, shape["type"], f"{len(ring)} positions", *ring[:1], sep=" | ")
    except Exception as error:
        print(name, type(error).__name__, error, sep=" | ")
PY
env/bin/python -W ignore probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
polygon | Polygon | 4 positions | [-97.1, 30.1]
circle | Polygon | 65 positions | [-97.64797, 30.19999]
polygon and circle | Polygon | 65 positions | [-97.64797, 30.19999]
circle of 0 km | Polygon | 0 positions
geocode | Polygon | 0 positions
two polygons | AttributeError | 'list' object has no attribute 'replace'
two languages | AttributeError | 'list' object has no attribute 'get'
no info | KeyError | 'info'
TEXT
echo "as described: a circle takes the place of a polygon, and a geocode is an empty ring"

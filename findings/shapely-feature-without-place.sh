#!/usr/bin/env bash
# shapely@2.2.0 (PyPI, pinned below): `from_geojson` refuses a feature whose geometry is null, and with it the whole collection that it
# is in. RFC 7946 (3.2) has null there for a feature that is not placed. `on_invalid="ignore"` makes None of the whole. A feature
# whose geometry has no coordinates is an empty geometry.
#
# Seen with Python 3.11:
#   placed | POINT (1 2)
#   empty | POINT EMPTY
#   null | ParseException
#   both | ParseException
#   both, ignore | None
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check shapely==2.2.0 numpy==2.4.6

cat >probe.py <<'PY'
import json

import shapely


def feature(geometry):
    return {"type": "Feature", "properties": {}, "geometry": geometry}


placed, empty = feature({"type": "Point", "coordinates": [1, 2]}), feature({"type": "Point", "coordinates": []})
for name, value, more in [
    ("placed", placed, {}),
    ("empty", empty, {}),
    ("null", feature(None), {}),
    ("both", {"type": "FeatureCollection", "features": [placed, feature(None)]}, {}),
    ("both, ignore", {"type": "FeatureCollection", "features": [placed, feature(None)]}, {"on_invalid": "ignore"}),
]:
    try:
        print(name, shapely.from_geojson(json.dumps(value), **more), sep=" | ")
    except shapely.errors.GEOSException as error:
        print(name, str(error).split(":")[0], sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
placed | POINT (1 2)
empty | POINT EMPTY
null | ParseException
both | ParseException
both, ignore | None
TEXT
echo "as described: a feature without a place makes a whole collection unreadable"

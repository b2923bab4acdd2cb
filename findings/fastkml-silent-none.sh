#!/usr/bin/env bash
# fastkml@1.4.0 (PyPI, pinned below): two kinds of valid KML are read as nothing, without an error.
# - A line of which some points have an altitude and others have none has no geometry. In KML the altitude of a point is optional.
# - A file in the namespace of KML 2.1, or of 2.2 as Google had it before the OGC, has no features.
#
# Seen with Python 3.11:
#   http://www.opengis.net/kml/2.2 | 1,2,3 4,5,6 | [LineString(((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)))]
#   http://www.opengis.net/kml/2.2 | 1,2 4,5 | [LineString(((1.0, 2.0), (4.0, 5.0)))]
#   http://www.opengis.net/kml/2.2 | 1,2,3 4,5 | [None]
#   http://earth.google.com/kml/2.1 | 1,2,3 4,5,6 | []
#   http://earth.google.com/kml/2.2 | 1,2,3 4,5,6 | []
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check fastkml==1.4.0 lxml==6.1.3 pygeoif==1.6.0

cat >probe.py <<'PY'
from fastkml import KML

FILE = """<kml xmlns="{}"><Document><Placemark><LineString><coordinates>{}</coordinates></LineString></Placemark></Document></kml>"""
for namespace, coordinates in [
    ("http://www.opengis.net/kml/2.2", "1,2,3 4,5,6"),
    ("http://www.opengis.net/kml/2.2", "1,2 4,5"),
    ("http://www.opengis.net/kml/2.2", "1,2,3 4,5"),
    ("http://earth.google.com/kml/2.1", "1,2,3 4,5,6"),
    ("http://earth.google.com/kml/2.2", "1,2,3 4,5,6"),
]:
    documents = list(KML.from_string(FILE.format(namespace, coordinates)).features)
    lines = [placemark.geometry for document in documents for placemark in document.features]
    print(namespace, coordinates, lines, sep=" | ")
PY
env/bin/python probe.py 2>/dev/null | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
http://www.opengis.net/kml/2.2 | 1,2,3 4,5,6 | [LineString(((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)))]
http://www.opengis.net/kml/2.2 | 1,2 4,5 | [LineString(((1.0, 2.0), (4.0, 5.0)))]
http://www.opengis.net/kml/2.2 | 1,2,3 4,5 | [None]
http://earth.google.com/kml/2.1 | 1,2,3 4,5,6 | []
http://earth.google.com/kml/2.2 | 1,2,3 4,5,6 | []
TEXT
echo "as described: mixed altitudes and older namespaces are nothing, without an error"

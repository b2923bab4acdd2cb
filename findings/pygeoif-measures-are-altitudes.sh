#!/usr/bin/env bash
# pygeoif@1.6.0 (PyPI, pinned below): the measure of a WKT geometry is read as its altitude. In WKT (OGC 06-103r4, 7.2) `M` says that the third
# number is a measure, such as the time at each point of a track; here it becomes `Z`, and the third number of a GeoJSON position, which
# RFC 7946 (3.1.1) has for the altitude: a bus is 1.8 million kilometres above the road. With both, `ZM`, there is an error.
# @terraformer/wkt@2.2.2 (npm) puts it in the same place of the GeoJSON, with a note beside it; without the note it writes `Z`.
#
# Seen with Python 3.11 and Node 20.20.2:
#   pygeoif | LINESTRING M (0 0 1772366400, 1 1 1772366460) | LINESTRING Z (0 0 1772366400, 1 1 1772366460) | has_z True
#   pygeoif | LINESTRING ZM (0 0 5 1772366400, 1 1 6 1772366460) | WKTParserError
#   terraformer | LINESTRING M (0 0 1772366400, 1 1 1772366460) | [[0,0,1772366400],[1,1,1772366460]] {"m":true}
#   terraformer, coordinates alone | LINESTRING Z (0 0 1772366400, 1 1 1772366460)
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @terraformer/wkt@2.2.2
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pygeoif==1.6.0

cat >probe.py <<'PY'
from pygeoif import from_wkt
from pygeoif.exceptions import WKTParserError

measured, both = "LINESTRING M (0 0 1772366400, 1 1 1772366460)", "LINESTRING ZM (0 0 5 1772366400, 1 1 6 1772366460)"
line = from_wkt(measured)
print("pygeoif", measured, line.wkt, f"has_z {line.has_z}", sep=" | ")
try:
    print("pygeoif", both, from_wkt(both).wkt, sep=" | ")
except WKTParserError as error:
    print("pygeoif", both, type(error).__name__, sep=" | ")
PY
cat >probe.cjs <<'JS'
const { geojsonToWKT, wktToGeoJSON } = require('@terraformer/wkt');

const measured = 'LINESTRING M (0 0 1772366400, 1 1 1772366460)';
const { type, coordinates, properties } = wktToGeoJSON(measured);
console.log(`terraformer | ${measured} | ${JSON.stringify(coordinates)} ${JSON.stringify(properties)}`);
console.log(`terraformer, coordinates alone | ${geojsonToWKT({ type, coordinates })}`);
JS
{ env/bin/python probe.py 2>/dev/null; node probe.cjs; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
pygeoif | LINESTRING M (0 0 1772366400, 1 1 1772366460) | LINESTRING Z (0 0 1772366400, 1 1 1772366460) | has_z True
pygeoif | LINESTRING ZM (0 0 5 1772366400, 1 1 6 1772366460) | WKTParserError
terraformer | LINESTRING M (0 0 1772366400, 1 1 1772366460) | [[0,0,1772366400],[1,1,1772366460]] {"m":true}
terraformer, coordinates alone | LINESTRING Z (0 0 1772366400, 1 1 1772366460)
TEXT
echo "as described: a measure is an altitude"

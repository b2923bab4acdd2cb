#!/usr/bin/env bash
# ngeohash@0.6.4 (npm, pinned below): `bboxes` is for "all points in the visible range of map", and where the map shows Fiji or the Bering Strait it
# answers nothing, or half. A box that crosses the antimeridian has its west edge above its east edge (RFC 7946, 5.2): no hashes. Written with an
# east edge beyond 180, as map libraries give it: those west of the line. A longitude beyond 180 is at 180 for `encode`, too.
# `neighbors` goes across the line. pygeohash@3.5.1 (PyPI) refuses such a box and such a longitude.
#
# Seen with Node 20.20.2 and Python 3.11; from 1 south to 1 north, three letters:
#   encode at 179, -179 | rzz 2pb xbp 800
#   bboxes 179 to -179 | nothing
#   bboxes 179 to 181 | rzz xbp
#   neighbors of rzz | xbp 800 2pb 2p8 rzx rzw rzy xbn
#   encode at 190, -170 | xbp 80p
#   pygeohash 179 to -179 | ValueError
#   pygeohash at 190 | ValueError
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund ngeohash@0.6.4
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pygeohash==3.5.1

cat >probe.cjs <<'JS'
const { bboxes, encode, neighbors } = require('ngeohash');

const corners = [[-1, 179], [-1, -179], [1, 179], [1, -179]].map(([lat, lon]) => encode(lat, lon, 3));
console.log(`encode at 179, -179 | ${corners.join(' ')}`);
for (const east of [-179, 181]) console.log(`bboxes 179 to ${east} | ${bboxes(-1, 179, 1, east, 3).join(' ') || 'nothing'}`);
console.log(`neighbors of rzz | ${neighbors('rzz').join(' ')}`);
console.log(`encode at 190, -170 | ${encode(1, 190, 3)} ${encode(1, -170, 3)}`);
JS
cat >probe.py <<'PY'
from pygeohash import BoundingBox, encode, geohashes_in_box

for what, ask in [
    ("179 to -179", lambda: geohashes_in_box(BoundingBox(-1, 179, 1, -179), 3)),
    ("at 190", lambda: encode(1, 190, 3)),
]:
    try:
        answer = ask()
    except ValueError as error:
        answer = type(error).__name__
    print(f"pygeohash {what} | {answer}")
PY
{ node probe.cjs; env/bin/python probe.py; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
encode at 179, -179 | rzz 2pb xbp 800
bboxes 179 to -179 | nothing
bboxes 179 to 181 | rzz xbp
neighbors of rzz | xbp 800 2pb 2p8 rzx rzw rzy xbn
encode at 190, -170 | xbp 80p
pygeohash 179 to -179 | ValueError
pygeohash at 190 | ValueError
TEXT
echo "as described: a map that crosses the antimeridian has no hashes, or those of one side"

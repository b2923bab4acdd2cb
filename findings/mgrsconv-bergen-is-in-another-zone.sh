#!/usr/bin/env bash
# mgrsconv@0.0.11 (PyPI, pinned below), MGRS, the grid of armies and rescuers: in Norway and on Svalbard it writes references that are another grid
# zone's. There zones are wider: 32V reaches from 3 to 12 degrees east, so that all of the west coast is in it, and of the zones with X only 31, 33,
# 35 and 37 exist (NGA.STND.0037, 3.1). It cuts every 6 degrees: Bergen is 31V, and a place west of Longyearbyen is in 32X, which isn't there. Who
# compares the squares of two messages, or looks one up, has the same place under two names. It reads its own references right; mgrs@2.2.0 (npm) and
# mgrspy@0.3.1 (PyPI) write as the standard says.
#
# Seen with Node 20.20.2 and Python 3.11:
#   Bergen, npm | 32VKN9723000510
#   Ny-Alesund, npm | 33XVH3416562776
#   Austin | 14RPU2121048267 | 14RPU2121048267
#   Bergen | 31VFG2786097096 | 32VKN9723000510
#   Oslo | 32VNM9786842681 | 32VNM9786842681
#   Ny-Alesund | 32XNN6283462622 | 33XVH3416562776
#   Forlandet | 32XMM8858580738 | 31XFG2538086585
#   Kvitoya | 36XVQ9049903949 | 35XPK0435908848
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts mgrs@2.2.0
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check mgrsconv==0.0.11 mgrspy==0.3.1

cat >probe.cjs <<'JS'
const { forward } = require('mgrs');

for (const [name, latitude, longitude] of [['Bergen', 60.39, 5.32], ['Ny-Alesund', 78.92, 11.93]]) {
  console.log(`${name}, npm | ${forward([longitude, latitude], 5)}`);
}
JS
cat >probe.py <<'PY'
from mgrsconv import dd2mgrs
from mgrspy import mgrs

for name, latitude, longitude in [
    ("Austin", 30.26, -97.74),
    ("Bergen", 60.39, 5.32),
    ("Oslo", 59.91, 10.75),
    ("Ny-Alesund", 78.92, 11.93),
    ("Forlandet", 78.2, 8.5),
    ("Kvitoya", 80.2, 32.5),
]:
    print(name, dd2mgrs(latitude, longitude).replace(" ", ""), mgrs.toMgrs(latitude, longitude), sep=" | ")
PY
{ node probe.cjs; env/bin/python -W ignore probe.py; } | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
Bergen, npm | 32VKN9723000510
Ny-Alesund, npm | 33XVH3416562776
Austin | 14RPU2121048267 | 14RPU2121048267
Bergen | 31VFG2786097096 | 32VKN9723000510
Oslo | 32VNM9786842681 | 32VNM9786842681
Ny-Alesund | 32XNN6283462622 | 33XVH3416562776
Forlandet | 32XMM8858580738 | 31XFG2538086585
Kvitoya | 36XVQ9049903949 | 35XPK0435908848
TEXT
echo "as described: Bergen is in zone 31, and 32X is used"

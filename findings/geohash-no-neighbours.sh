#!/usr/bin/env bash
# geohash@0.0.1 (npm, pinned below): "we can use the mathematical properties of the Geohash to quickly calculate the neighbors" holds for those
# within one larger cell. Where the neighbour is in the next larger one, `calculateAdjacent` calls itself by a name that does not exist, and a
# ReferenceError comes back: for nearly one neighbour in five, anywhere on earth. A search around a point works for most points and fails for the
# next one, by where the grid lies. geohasher@0.0.1, which is made of the same code, answers everywhere but at the pole.
#
# Seen with Node 20.20.2, neighbours of `gcpvj` and three beside it in London, and of 1,024 cells:
#   gcpvj | geohash | top gcpvm, bottom ReferenceError, left gcpvh, right gcpvn
#   gcpvj | geohasher | top gcpvm, bottom gcpuv, left gcpvh, right gcpvn
#   gcpvn | geohash | top gcpvq, bottom ReferenceError, left gcpvj, right gcpvp
#   gcpvn | geohasher | top gcpvq, bottom gcpuy, left gcpvj, right gcpvp
#   gcpuv | geohash | top ReferenceError, bottom gcput, left gcpuu, right gcpuy
#   gcpuv | geohasher | top gcpvj, bottom gcput, left gcpuu, right gcpuy
#   gcpvh | geohash | top gcpvk, bottom ReferenceError, left gcpv5, right gcpvj
#   gcpvh | geohasher | top gcpvk, bottom gcpuu, left gcpv5, right gcpvj
#   geohash: 768 of 4096 fail
#   geohasher: 32 of 4096 fail
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund geohash@0.0.1 geohasher@0.0.1

cat >probe.cjs <<'JS'
const { GeoHash } = require('geohash');
const geohasher = require('geohasher');

const SIDES = ['top', 'bottom', 'left', 'right'];
const adjacent = (library, hash, side) => {
  try {
    return library.calculateAdjacent(hash, side);
  } catch (error) {
    return error.name;
  }
};
for (const hash of ['gcpvj', 'gcpvn', 'gcpuv', 'gcpvh']) {
  for (const [name, library] of [['geohash', GeoHash], ['geohasher', geohasher]]) {
    console.log(`${hash} | ${name} | ${SIDES.map((side) => `${side} ${adjacent(library, hash, side)}`).join(', ')}`);
  }
}

const letters = '0123456789bcdefghjkmnpqrstuvwxyz';
const hashes = [...letters].flatMap((a) => [...letters].map((b) => `u${a}${b}`));
for (const [name, library] of [['geohash', GeoHash], ['geohasher', geohasher]]) {
  const failed = hashes.flatMap((hash) => SIDES.map((side) => adjacent(library, hash, side))).filter((it) => it.endsWith('Error'));
  console.log(`${name}: ${failed.length} of ${hashes.length * 4} fail`);
}
JS
node probe.cjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
gcpvj | geohash | top gcpvm, bottom ReferenceError, left gcpvh, right gcpvn
gcpvj | geohasher | top gcpvm, bottom gcpuv, left gcpvh, right gcpvn
gcpvn | geohash | top gcpvq, bottom ReferenceError, left gcpvj, right gcpvp
gcpvn | geohasher | top gcpvq, bottom gcpuy, left gcpvj, right gcpvp
gcpuv | geohash | top ReferenceError, bottom gcput, left gcpuu, right gcpuy
gcpuv | geohasher | top gcpvj, bottom gcput, left gcpuu, right gcpuy
gcpvh | geohash | top gcpvk, bottom ReferenceError, left gcpv5, right gcpvj
gcpvh | geohasher | top gcpvk, bottom gcpuu, left gcpv5, right gcpvj
geohash: 768 of 4096 fail
geohasher: 32 of 4096 fail
TEXT
echo "as described: geohash has no neighbour across the border of a larger cell"

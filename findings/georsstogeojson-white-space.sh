#!/usr/bin/env bash
# georsstogeojson@0.2.0 (npm, pinned below, with @xmldom/xmldom@0.9.12): "From GeoRSS to GeoJSON" holds for places that stand in one line with one blank
# between two numbers. GeoRSS (OGC 17-002) separates the numbers by any white space, and feeds are indented.
# - A point on an indented line of its own has four numbers, of which two are NaN; with two blanks its latitude is NaN, and what was the latitude
#   is the altitude. JSON makes null of NaN.
# - A line with a point on each row is dropped, or has other points: of three, two come back, one of them at 98 south.
# - A box, and a point as GML, the other encoding of GeoRSS, are dropped.
# - A feed of Atom, which GeoRSS is for as well, has no features: only the `item` of RSS is looked for. In no case is anything said.
#
# Seen with Node 20.20.2:
#   30.26 -97.74 | [-97.74,30.26]
#   ⏎  30.26 -97.74⏎ | [-97.74,30.26,NaN,NaN]
#   30.26  -97.74 | [-97.74,NaN,30.26]
#   line 30 -97 31 -98 | [[-97,30],[-98,31]]
#   line 30 -97⏎31 -98 | no feature
#   line 30 -97⏎31 -98⏎32 -99 | [[-97,30],[-99,-98]]
#   box | no feature
#   point as GML | no feature
#   Atom | no feature
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund georsstogeojson@0.2.0 @xmldom/xmldom@0.9.12

cat >probe.mjs <<'JS'
import { DOMParser } from '@xmldom/xmldom';
import { parse } from 'georsstogeojson';

const SPACES = 'xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml"';
const rss = (place) => `<rss version="2.0" ${SPACES}><channel><item><title>t</title>${place}</item></channel></rss>`;
const atom = (place) => `<feed xmlns="http://www.w3.org/2005/Atom" ${SPACES}><entry><title>t</title>${place}</entry></feed>`;
const point = (text) => `<georss:point>${text}</georss:point>`;
const line = (text) => `<georss:line>${text}</georss:line>`;
const gml = '<georss:where><gml:Point><gml:pos>30.26 -97.74</gml:pos></gml:Point></georss:where>';

for (const [what, feed] of [
  ['30.26 -97.74', rss(point('30.26 -97.74'))],
  ['⏎  30.26 -97.74⏎', rss(point('\n  30.26 -97.74\n'))],
  ['30.26  -97.74', rss(point('30.26  -97.74'))],
  ['line 30 -97 31 -98', rss(line('30 -97 31 -98'))],
  ['line 30 -97⏎31 -98', rss(line('30 -97\n31 -98'))],
  ['line 30 -97⏎31 -98⏎32 -99', rss(line('30 -97\n31 -98\n32 -99'))],
  ['box', rss('<georss:box>30 -98 31 -97</georss:box>')],
  ['point as GML', rss(gml)],
  ['Atom', atom(point('30.26 -97.74'))],
]) {
  const [feature] = parse(new DOMParser().parseFromString(feed, 'text/xml')).features;
  console.log(`${what} | ${feature ? JSON.stringify(feature.geometry.coordinates).replaceAll('null', 'NaN') : 'no feature'}`);
}
JS
node probe.mjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
30.26 -97.74 | [-97.74,30.26]
⏎  30.26 -97.74⏎ | [-97.74,30.26,NaN,NaN]
30.26  -97.74 | [-97.74,NaN,30.26]
line 30 -97 31 -98 | [[-97,30],[-98,31]]
line 30 -97⏎31 -98 | no feature
line 30 -97⏎31 -98⏎32 -99 | [[-97,30],[-99,-98]]
box | no feature
point as GML | no feature
Atom | no feature
TEXT
echo "as described: white space makes other places, and boxes, GML and Atom are dropped"

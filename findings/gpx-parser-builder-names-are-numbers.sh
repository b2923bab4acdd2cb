#!/usr/bin/env bash
# gpx-parser-builder@1.2.0 (npm, pinned below): a file that is read and written again is another one. In GPX a name, a comment and a description are
# text (xsd:string).
# - A text that looks like a number is one: stop 0801 is 801, the note +5 is 5, and 1e5 is 100000.
# - The bounds in the metadata lose their four values, and are no valid GPX any more.
# - What is in the file's own `extensions` is gone.
# - A route of one point, which is valid, is an error.
#
# Seen with Node 20.20.2:
#   <name>0801</name><cmt>+5</cmt><desc>1e5</desc> | <name>801</name><cmt>5</cmt><desc>100000</desc>
#   <bounds minlat="0" minlon="0" maxlat="1" maxlon="1"/> | <bounds></bounds>
#   <extensions><line>801</line></extensions> | undefined
#   a route of one point | object.rtept.map is not a function
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund gpx-parser-builder@1.2.0

cat >probe.mjs <<'JS'
import GPX from 'gpx-parser-builder';

const again = (inside) =>
  GPX.parse(`<gpx version="1.1" creator="c" xmlns="http://www.topografix.com/GPX/1/1">${inside}</gpx>`).toString();
const show = (before, after) => console.log(`${before} | ${after}`);

const texts = '<name>0801</name><cmt>+5</cmt><desc>1e5</desc>';
show(texts, /<name>.*<\/desc>/.exec(again(`<wpt lat="1" lon="2">${texts}</wpt>`))?.[0]);
const bounds = '<bounds minlat="0" minlon="0" maxlat="1" maxlon="1"/>';
show(bounds, /<bounds.*<\/bounds>/.exec(again(`<metadata><time>2026-03-01T12:00:00Z</time>${bounds}</metadata>`))?.[0]);
const extensions = '<extensions><line>801</line></extensions>';
show(extensions, /<extensions>.*<\/extensions>/.exec(again(`<wpt lat="1" lon="2"/>${extensions}`))?.[0]);
try {
  show('a route of one point', again('<rte><rtept lat="1" lon="2"/></rte>'));
} catch (error) {
  show('a route of one point', error.message);
}
JS
node probe.mjs | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
<name>0801</name><cmt>+5</cmt><desc>1e5</desc> | <name>801</name><cmt>5</cmt><desc>100000</desc>
<bounds minlat="0" minlon="0" maxlat="1" maxlon="1"/> | <bounds></bounds>
<extensions><line>801</line></extensions> | undefined
a route of one point | object.rtept.map is not a function
TEXT
echo "as described: names become numbers, and bounds and extensions are lost"

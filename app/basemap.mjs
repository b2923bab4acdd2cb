#!/usr/bin/env node
// Makes the local basemap from npm `world-atlas` (Natural Earth, public domain): public/basemap/world.json with land and
// borders for MapLibre, public/basemap/labels.json with countries' names for our overlay, and public/basemap/land.svg with
// coarse land for small pictures of maps. Run by `cargo xtask`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { feature, mesh } from 'topojson-client';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'public', 'basemap');
const require = createRequire(join(root, 'package.json'));
const read = name => JSON.parse(readFileSync(require.resolve(`world-atlas/${name}.json`), 'utf8'));

// The source is drawn for 1:50 million: a hundredth of a degree is finer than its lines are.
const round = n => Math.round(n * 100) / 100;

/** Rounds a line's points and drops those that fall together. */
function simplify(line) {
  const points = [];
  for (const [lon, lat] of line) {
    const point = [round(lon), round(lat)];
    const last = points.at(-1);
    if (!last || last[0] !== point[0] || last[1] !== point[1]) points.push(point);
  }
  return points;
}

/** Goes on beyond ±180 instead of jumping: the atlas is stitched together at the antimeridian. */
function unwrap(line) {
  let shift = 0;
  return line.map(([lon, lat], i) => {
    const step = i === 0 ? 0 : lon - line[i - 1][0];
    if (Math.abs(step) > 180) shift -= Math.sign(step) * 360;
    return [lon + shift, lat];
  });
}

/** A ring that goes around a pole (Antarctica) is closed along the map's edge. */
function closed(ring) {
  const [first, last] = [ring[0], ring.at(-1)];
  if (Math.abs(last[0] - first[0]) < 180) return ring;
  return [...ring, [last[0], -90], [first[0], -90], first];
}

/** Twice the area of a ring in square degrees, signed. */
function area(ring) {
  let sum = 0;
  for (let i = 0; i + 1 < ring.length; i++) sum += ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
  return sum;
}

/** The centroid of a ring. */
function centroid(ring) {
  const twice = area(ring);
  let [x, y] = [0, 0];
  for (let i = 0; i + 1 < ring.length; i++) {
    const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
    x += (ring[i][0] + ring[i + 1][0]) * cross;
    y += (ring[i][1] + ring[i + 1][1]) * cross;
  }
  return [x / (3 * twice), y / (3 * twice)];
}

const polygonsOf = geometry => geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates ?? [];

const atlas = read('countries-50m');
const land = feature(atlas, atlas.objects.land).features
  .flatMap(f => polygonsOf(f.geometry))
  .map(polygon => polygon.map(ring => simplify(closed(unwrap(ring)))).filter(ring => ring.length >= 4))
  .filter(polygon => polygon.length > 0);
const borders = mesh(atlas, atlas.objects.countries, (a, b) => a !== b).coordinates
  .map(line => simplify(unwrap(line)))
  .filter(line => line.length >= 2);

/** A ring as a path in degrees east and Mercator's degrees south, to a tenth: small pictures show no more. */
function path(ring) {
  const around = closed(unwrap(ring));
  // A ring that begins beyond the antimeridian is moved to where the most of it is.
  const shift = 360 * Math.round(around.reduce((sum, [lon]) => sum + lon, 0) / around.length / 360);
  const points = around.map(([lon, lat]) => {
    const within = Math.max(-85, Math.min(85, lat));
    const south = (-180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (within * Math.PI) / 360));
    return `${Math.round((lon - shift) * 10) / 10},${Math.round(south * 10) / 10}`;
  });
  return `M${points.filter((point, i) => point !== points[i - 1]).join(' ')}Z`;
}

const coarse = read('land-110m');
const paths = feature(coarse, coarse.objects.land).features.flatMap(f => polygonsOf(f.geometry)).flat().map(path).join('');
// Its colour goes with light and dark pages alike: an image does not know of their theme.
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -180 360 360"><path fill="#8695a3" d="${paths}"/></svg>\n`;

const shape = (kind, type, coordinates) => ({ type: 'Feature', properties: { kind }, geometry: { type, coordinates } });
const world = {
  type: 'FeatureCollection',
  features: [shape('land', 'MultiPolygon', land), shape('border', 'MultiLineString', borders)],
};

// A name stands in the middle of its country's largest part, from the zoom at which it fits.
const labels = feature(atlas, atlas.objects.countries).features
  .filter(f => f.geometry && f.properties.name)
  .map(f => {
    const ring = polygonsOf(f.geometry).map(p => closed(unwrap(p[0]))).sort((a, b) => Math.abs(area(b)) - Math.abs(area(a)))[0];
    const [lon, lat] = centroid(ring);
    const size = Math.sqrt(Math.abs(area(ring) / 2));
    const zoom = Math.max(0, Math.min(6, Math.log2((f.properties.name.length * 18) / Math.max(size, 0.2)) - 0.6));
    const onGlobe = ((lon + 540) % 360) - 180;
    return [f.properties.name, round(onGlobe), round(lat), Math.round(zoom * 10) / 10];
  })
  .sort((a, b) => a[3] - b[3]);

mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'world.json'), JSON.stringify(world));
writeFileSync(join(out, 'labels.json'), JSON.stringify(labels));
writeFileSync(join(out, 'land.svg'), svg);
console.log(`basemap: ${land.length} pieces of land, ${borders.length} borders, ${labels.length} names`);

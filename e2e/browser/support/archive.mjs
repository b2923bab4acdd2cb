// A small archive of vector tiles, as PMTiles 3 has it: one tile, in which all features lie. Nothing in it is compressed.
// https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md, https://github.com/mapbox/vector-tile-spec/tree/master/2.1

const EXTENT = 4096;
const TYPES = { Point: 1, LineString: 2, Polygon: 3 };

/** A number as bytes of seven bits. */
function varint(number) {
  const bytes = [];
  let rest = BigInt(number);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

/** A field of Protocol Buffers: a number, or bytes with their length. */
const number = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field, value) => Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
const packed = (field, values) => bytes(field, Buffer.concat(values.map(varint)));

/** Where a place is in the world, 0 to 1 east and south. */
function unit([lon, lat]) {
  return [(lon + 180) / 360, 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)];
}

/** The commands that draw lines of places in a tile; rings are closed. */
function geometry(lines, { z, x, y }, type) {
  const zigzag = (n) => (n < 0 ? -2 * n - 1 : 2 * n);
  const commands = [];
  let at = [0, 0];
  for (const line of lines) {
    const places = line.map((place) => unit(place).map((part, i) => Math.round((part * 2 ** z - [x, y][i]) * EXTENT)));
    if (places.flat().some((part) => part < 0 || part > EXTENT)) throw new Error('a feature lies outside the tile');
    places.forEach((place, i) => {
      if (i === 0) commands.push((1 << 3) | 1);
      if (i === 1) commands.push(((places.length - 1) << 3) | 2);
      commands.push(zigzag(place[0] - at[0]), zigzag(place[1] - at[1]));
      at = place;
    });
    if (type === 'Polygon') commands.push((1 << 3) | 7);
  }
  return commands;
}

/** The tile: features by layer, `{type, lines, properties}`. Rings of polygons go clockwise as one looks at the map. */
function tile(layers, place) {
  const written = Object.entries(layers).map(([name, features]) => {
    const keys = [...new Set(features.flatMap(({ properties }) => Object.keys(properties)))];
    const values = [...new Set(features.flatMap(({ properties }) => Object.values(properties)))];
    const drawn = features.map(({ type, lines, properties }) => {
      const tags = Object.entries(properties).flatMap(([key, value]) => [keys.indexOf(key), values.indexOf(value)]);
      return bytes(2, Buffer.concat([packed(2, tags), number(3, TYPES[type]), packed(4, geometry(lines, place, type))]));
    });
    return bytes(3, Buffer.concat([
      number(15, 2), bytes(1, Buffer.from(name)), ...drawn,
      ...keys.map((key) => bytes(3, Buffer.from(key))),
      ...values.map((value) => bytes(4, bytes(1, Buffer.from(value)))),
      number(5, EXTENT),
    ]));
  });
  return Buffer.concat(written);
}

/** The number of a tile on the Hilbert curves of all zooms. */
function id({ z, x, y }) {
  let number = (4 ** z - 1) / 3;
  let [a, b] = [x, y];
  for (let s = 2 ** (z - 1); s >= 1; s /= 2) {
    const [right, low] = [(a & s) > 0 ? 1 : 0, (b & s) > 0 ? 1 : 0];
    number += s * s * ((3 * right) ^ low);
    if (low === 0) {
      if (right === 1) [a, b] = [s - 1 - (a & (s - 1)), s - 1 - (b & (s - 1))];
      [a, b] = [b, a];
    }
  }
  return number;
}

/**
 * An archive of the tile of a zoom around a place.
 *
 * @param {{layers: Record<string, {type: string, lines: number[][][], properties: Record<string, string>}[]>,
 *   around: [number, number], zoom: number, attribution: string, padding?: number}} options `padding` is how many bytes lie
 *   before the tile, so that it is not among those that a reader asks for first
 */
export function archive({ layers, around, zoom, attribution, padding = 0 }) {
  const place = { z: zoom, x: 0, y: 0 };
  [place.x, place.y] = unit(around).map((part) => Math.floor(part * 2 ** zoom));
  const body = tile(layers, place);
  const metadata = Buffer.from(JSON.stringify({ attribution, vector_layers: Object.keys(layers).map((name) => ({ id: name, fields: {} })) }));
  // One entry: its number, how many in a row, length, and offset plus one.
  const root = Buffer.concat([1, id(place), 1, body.length, 1].map(varint));
  const header = Buffer.alloc(127);
  header.write('PMTiles', 'latin1');
  header[7] = 3;
  const [atRoot, atMetadata] = [127, 127 + root.length];
  const atData = atMetadata + metadata.length + padding;
  const longs = [atRoot, root.length, atMetadata, metadata.length, atData, 0, atData, body.length, 1, 1, 1];
  longs.forEach((value, i) => header.writeBigUInt64LE(BigInt(value), 8 + 8 * i));
  // Clustered; nothing compressed; vector tiles; zooms.
  header.set([1, 1, 1, 1, zoom, zoom], 96);
  const lon = (tiles) => (tiles / 2 ** zoom) * 360 - 180;
  const lat = (tiles) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * tiles) / 2 ** zoom))) * 180) / Math.PI;
  const box = [lon(place.x), lat(place.y + 1), lon(place.x + 1), lat(place.y)];
  box.forEach((degrees, i) => header.writeInt32LE(Math.round(degrees * 1e7), 102 + 4 * i));
  header[118] = zoom;
  header.writeInt32LE(Math.round(around[0] * 1e7), 119);
  header.writeInt32LE(Math.round(around[1] * 1e7), 123);
  return Buffer.concat([header, root, metadata, Buffer.alloc(padding), body]);
}

// The forms in which views are answered, and events of two groups of keys of which a caller may see one.

/** What each form is called in `Accept`. */
export const KINDS_OF_FORM = {
  json: 'application/json',
  geojson: 'application/geo+json',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
  gpx: 'application/gpx+xml',
  kml: 'application/vnd.google-earth.kml+xml',
};
/** The forms of each shape of the router's table. */
export const FORMATS = {
  json: ['json'],
  items: ['json', 'geojson', 'csv', 'ndjson', 'arrow', 'parquet'],
  rows: ['json', 'csv', 'ndjson', 'arrow', 'parquet'],
  track: ['json', 'geojson', 'csv', 'gpx', 'kml', 'arrow', 'parquet'],
  feed: [],
};
/** Forms that are compared as texts. */
export const texts = (shape) => FORMATS[shape].filter((form) => !['arrow', 'parquet'].includes(form));

/** Keys that begin with `a-`, and others with a word that nobody may see who may not see them. */
export const EVENTS = [
  { key: 'a-1', time: 1_790_000_000_000, position: { lat: 1.25, lon: 2.5 }, fields: { n: 1, word: 'shown' } },
  { key: 'b-1', time: 1_790_000_001_000, position: { lat: 3.5, lon: 4.25 }, fields: { n: 100, word: 'hidden-word' } },
  { key: 'a-2', time: 1_790_000_002_000, position: { lat: 5.5, lon: 6.5 }, fields: { n: 3.5, word: 'shown' } },
  { key: 'a-1', time: 1_790_000_003_000, position: { lat: 1.5, lon: 2.5 }, fields: { n: 2, word: 'shown' } },
  { key: 'b-1', time: 1_790_000_004_000, position: { lat: 3.5, lon: 4.5 }, fields: { n: 200, word: 'hidden-word' } },
];

/** Named views over them. */
export const VIEWS = { now: { path: 'items' }, past: { path: 'events' }, standings: { path: 'scores' } };

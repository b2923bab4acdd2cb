// Where what a board holds can be read, in every form.

/** Addresses of a board's items, events, series and ranking, and of one key. */
export const readings = (board, key) => [
  'items',
  'items?format=csv',
  'items?format=ndjson',
  'items?format=geojson',
  'items?format=arrow',
  'items?format=parquet',
  `items/${key}`,
  `items/${key}?format=csv`,
  `items/${key}?format=parquet`,
  'events',
  'events?format=csv',
  'events?format=ndjson',
  'events?format=arrow',
  'events?format=parquet',
  `items/${key}/series?field=points&step=10s`,
  'series?field=points&step=10s',
  'series?field=points&step=10s&format=parquet',
  'summary',
  'scores',
  'scores?format=csv',
  'scores?format=parquet',
].map((path) => `/v1/boards/${board}/${path}`);

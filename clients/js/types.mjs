// Makes src/api.ts from the API's description: the types that this package shows, and those that they are made of.
//
//   node types.mjs [openapi.json]     writes it; without a path the description of `cargo xtask dist` is read
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const here = dirname(fileURLToPath(import.meta.url));
/** The file that is made. */
export const FILE = join(here, 'src/api.ts');

const SCHEMAS = ['AlarmEvents', 'AlarmList', 'BoardSeries', 'Event', 'IngestAnswer', 'Item', 'ItemSeries', 'ItemsPage', 'Problem', 'ScoresPage', 'StandingAlarm', 'Summary', 'TrackView', 'TripsView', 'Views'];
const PATHS = ['alarms', 'alarms/events', 'items', 'items/{key}', 'items/{key}/series', 'items/{key}/track', 'items/{key}/trips', 'scores', 'series', 'summary'];

/** The text of the file, from the description. */
export async function types(description) {
  const { components, paths } = description;
  const schemas = {};
  const need = (value) => {
    if (Array.isArray(value)) return value.forEach(need);
    if (value === null || typeof value !== 'object') return undefined;
    for (const [name, inner] of Object.entries(value)) {
      const ref = name === '$ref' && /^#\/components\/schemas\/(\w+)$/.exec(inner)?.[1];
      if (!ref) need(inner);
      else if (!(ref in schemas)) need((schemas[ref] = components.schemas[ref]));
    }
    return undefined;
  };
  for (const name of SCHEMAS) need({ $ref: `#/components/schemas/${name}` });
  const kept = {};
  for (const path of PATHS) {
    const { get } = paths[`/v1/boards/{board}/${path}`];
    const parameters = get.parameters.filter((p) => p.in === 'query' && p.name !== 'format');
    need(parameters);
    kept[`/${path}`] = { get: { operationId: get.operationId, parameters, responses: { default: { description: '' } } } };
  }
  const order = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  const subset = { openapi: description.openapi, info: description.info, paths: kept, components: { schemas: order } };
  // What has a default may be left out.
  const made = astToString(await openapiTS(subset, { silent: true, defaultNonNullable: false }));
  return `// Made by types.mjs from the API's description. Do not change it by hand.\n${made}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = process.argv[2] ?? join(here, '../../dist/openapi.json');
  writeFileSync(FILE, await types(JSON.parse(readFileSync(path, 'utf8'))));
}

// What a partner may write with the types of /openapi.d.ts. It is compiled by a test and never run.

import type { components, operations, paths } from '../../../dist/openapi';

type Item = components['schemas']['Item'];
type Page = operations['listItems']['responses'][200]['content']['application/json'];
type Problem = components['schemas']['Problem'];
type Query = NonNullable<paths['/v1/boards/{board}/items']['get']['parameters']['query']>;

/** All items of a board, page by page. */
export async function* items(server: string, board: string, key: string, query: Query = {}): AsyncGenerator<Item> {
  let after: number | undefined;
  do {
    const asked = new URLSearchParams({ limit: String(query.limit ?? 1000) });
    if (after !== undefined) asked.set('after', String(after));
    const response = await fetch(`${server}/v1/boards/${board}/items?${asked}`, { headers: { authorization: `Bearer ${key}` } });
    if (!response.ok) {
      const problem: Problem = await response.json();
      throw new Error(`${problem.code}: ${problem.detail}`);
    }
    const page: Page = await response.json();
    yield* page.items;
    after = page.next == null ? undefined : Number(page.next);
  } while (after !== undefined);
}

/** The hottest hour of a series. */
export function hottest(series: components['schemas']['ItemSeries']): number | undefined {
  const points = series.points.filter((p) => p.max != null);
  return points.toSorted((a, b) => (b.max ?? 0) - (a.max ?? 0))[0]?.time;
}

export const event: components['schemas']['Event'] = {
  key: 'v1',
  time: '2026-03-01T12:00:00Z',
  position: { lat: 30.26, lon: -97.74 },
  fields: { route: '801', fuel: 0.7, driver: null },
};

export const config: components['schemas']['BoardConfigInput'] = { title: 'Fleet', visibility: 'public' };

// What is wrong is found by the compiler.
// @ts-expect-error an event has a key
export const nameless: components['schemas']['Event'] = { fields: {} };
// @ts-expect-error a visibility is public or private
export const secret: components['schemas']['BoardConfigInput'] = { title: 'Fleet', visibility: 'secret' };
// @ts-expect-error there is no such parameter
export const query: Query = { colour: 'red' };
// @ts-expect-error a time is a number in answers
export const time: string = ({} as Item).time;

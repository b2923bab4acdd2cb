// A page as somebody writes it from docs/clients.md: the same board by the client alone, by React and by Vue.
import { type HeliographError, type Item, connect, rest } from '@heliograph/client';
import * as byReact from '@heliograph/client/react';
import * as byVue from '@heliograph/client/vue';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { createApp, defineComponent, h, ref } from 'vue';

const { VITE_URL: url, VITE_BOARD: board } = import.meta.env;
const feed = connect({ url, board });
const element = (id: string): HTMLElement => document.getElementById(id)!;
const line = (item: Item): string => `${item.key} ${item.fields.n} ${item.position?.lat ?? '-'}`;

const states: string[] = [];
feed.on('status', ({ state }) => {
  states.push(state);
  element('status').textContent = state;
});

const items = feed.items({ keys: ['a', 'b', 'c'] });
const show = (): void => element('plain').replaceChildren(...items.list().map((item) => {
  const entry = document.createElement('li');
  entry.textContent = line(item);
  return entry;
}));
items.on('change', show);
await items.ready;
show();

const scores = feed.scores({ top: 3 });
scores.on('change', () => (element('ranking').textContent = scores.ranking().rows.map((row) => `${row.rank} ${row.key} ${row.values[0]}`).join(', ')));

function Reacting({ only }: { only: string }) {
  const { items: mine, ready, error } = byReact.useItems(feed, { keys: [only] });
  const { rows } = byReact.useScores(feed, { top: 1 });
  const { state } = byReact.useStatus(feed);
  return createElement('p', null, error?.code ?? `${ready ? 'ready' : 'waiting'}: ${mine.map(line).join(', ')}; ${rows[0]?.key}; ${state}`);
}
const root = createRoot(element('react'));
root.render(createElement(Reacting, { only: 'a' }));

const only = ref('a');
createApp(defineComponent(() => {
  const { items: mine, ready, error } = byVue.useItems(feed, () => ({ keys: [only.value] }));
  const { ranking } = byVue.useScores(feed, { top: 1 });
  const status = byVue.useStatus(feed);
  return () => h('p', error.value?.code ?? `${ready.value ? 'ready' : 'waiting'}: ${mine.value.map(line).join(', ')}; ${ranking.value.rows[0]?.key}; ${status.value.state}`);
})).mount('#vue');

// A worker with an open feed keeps its page out of the back/forward cache: nobody tells it that the page is left.
if (location.search === '?worker') {
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }).onmessage = ({ data }) => (element('worker').textContent = data as string);
}

const shown: boolean[] = [];
addEventListener('pageshow', ({ persisted }) => shown.push(persisted));

Object.assign(window, {
  page: {
    states,
    shown,
    rest: rest({ url, board }),
    feed,
    items,
    publish: () => feed.publish({ key: 'a', fields: { n: 1 } }).then((answer) => answer.accepted, (error: HeliographError) => error.code),
    follow(key: string) {
      root.render(createElement(Reacting, { only: key }));
      only.value = key;
    },
  },
});

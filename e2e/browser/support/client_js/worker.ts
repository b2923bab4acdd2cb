// The same in a worker, which has no document.
import { connect } from '@heliograph/client';

const { VITE_URL: url, VITE_BOARD: board } = import.meta.env;
const items = connect({ url, board }).items({ keys: ['a'] });
const tell = (): void => postMessage(items.list().map((item) => `${item.key} ${item.fields.n}`).join());
items.on('change', tell);

// A viewer's copy in binary mode, from the words of docs/protocol.md (section C) alone.

/** Reads the elements. Numbers stay below 2^53. */
class Reader {
  #at = 0;

  constructor(bytes) {
    this.bytes = bytes;
  }

  u8() {
    if (this.#at >= this.bytes.length) throw new Error('the message ends too early');
    return this.bytes[this.#at++];
  }

  take(count) {
    if (this.#at + count > this.bytes.length) throw new Error('the message ends too early');
    return this.bytes.subarray(this.#at, (this.#at += count));
  }

  u16() {
    return this.take(2).readUInt16LE();
  }

  f64() {
    return this.take(8).readDoubleLE();
  }

  varint() {
    for (let [value, factor] = [0, 1]; ; factor *= 128) {
      const byte = this.u8();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  zigzag() {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  text() {
    return this.take(this.varint()).toString();
  }

  list(read) {
    return Array.from({ length: this.varint() }, read);
  }

  ids() {
    let next = 0;
    return this.list(() => (next += this.varint() + 1) - 1);
  }

  cursor() {
    return `e${this.varint()}:${this.varint()}`;
  }

  /** Which of so many rows have a value. */
  presence(count) {
    const mode = this.u8();
    if (mode > 1) {
      const bits = this.take(Math.ceil(count / 8));
      return Array.from({ length: count }, (_, i) => ((bits[i >> 3] >> (i & 7)) & 1) === 1);
    }
    return Array(count).fill(mode === 1);
  }

  offsets(count) {
    const smallest = this.zigzag();
    return Array.from({ length: count }, () => smallest + this.varint());
  }

  /** A value for each row that has one, in their order. */
  #spread(presence, values) {
    let next = 0;
    return presence.map((has) => (has ? values[next++] : undefined));
  }

  #some(count, read) {
    const presence = this.presence(count);
    return presence.map((has) => (has ? read() : undefined));
  }

  positions(count) {
    const presence = this.presence(count);
    const there = presence.filter(Boolean).length;
    if (there === 0) return Array(count);
    const [lat, lon] = [this.offsets(there), this.offsets(there)];
    const rest = {
      heading: this.#some(there, () => this.u16() / 100),
      speed: this.#some(there, () => this.varint() / 100),
      altitude: this.#some(there, () => this.zigzag() / 10),
      accuracy: this.#some(there, () => this.varint() / 10),
    };
    const places = lat.map((_, i) => {
      const place = { lat: lat[i] / 1e6, lon: lon[i] / 1e6 };
      for (const [name, values] of Object.entries(rest)) if (values[i] !== undefined) place[name] = values[i];
      return place;
    });
    return this.#spread(presence, places);
  }

  /** A field's values; `null` where it was removed, `undefined` where nothing is said. */
  cells(count) {
    const presence = this.presence(count);
    const there = presence.filter(Boolean).length;
    return this.#spread(presence, this.#values(this.u8(), there));
  }

  #values(kind, count) {
    const each = (read) => Array.from({ length: count }, read);
    if (kind <= 6) return this.offsets(count).map((value) => value / 10 ** kind);
    if (kind === 7) return each(() => this.f64());
    if (kind === 8) return each(() => this.u8() === 1);
    if (kind === 9) {
      const texts = this.list(() => this.text());
      return each(() => texts[this.varint()]);
    }
    return each(() => [() => null, () => false, () => true, () => this.f64(), () => this.text()][this.u8()]());
  }

  end() {
    if (this.#at !== this.bytes.length) throw new Error(`${this.bytes.length - this.#at} bytes follow the message`);
  }
}

/** What a message says: `{type, …}` with the names of the JSON mode; rows as they are. */
export function decode(bytes) {
  const r = new Reader(bytes);
  const version = r.u8();
  if (version !== 1) throw new Error(`version ${version}`);
  const message = MESSAGES[r.u8()]?.(r) ?? { type: 'other' };
  if (message.type !== 'other') r.end();
  return message;
}

const MESSAGES = {
  1: (r) => {
    const [id, cursor, flags, rights] = [r.varint(), r.cursor(), r.u8(), r.varint()];
    return { type: 'snapshot', id, cursor, rights, part: { first: (flags & 1) > 0, last: (flags & 2) > 0 }, rows: rows(r) };
  },
  2: (r) => {
    const [id, from] = [r.varint(), r.varint()];
    return { type: 'delta', id, from, to: from + r.varint(), rows: rows(r), removed: r.ids() };
  },
  3: (r) => ({ type: 'resumed', id: r.varint(), cursor: r.cursor() }),
  4: (r) => ({ type: 'gap', id: r.varint(), cursor: r.cursor() }),
};

function rows(r) {
  const first = r.varint();
  const names = r.list(() => r.text());
  const ids = r.ids();
  const keys = r.presence(ids.length).map((has) => (has ? r.text() : undefined));
  const times = r.offsets(ids.length);
  const positions = r.positions(ids.length);
  const columns = r.list(() => [r.varint(), r.cells(ids.length)]);
  return { first, names, ids, keys, times, positions, columns };
}

/** The copy: items by number, and the names of fields. */
export class BinaryCopy {
  cursor = null;
  rights = 0;
  #items = new Map();
  #names = [];

  /** Takes a message. One that does not fit is thrown. */
  take(message) {
    if (message.type === 'snapshot') {
      if (message.part.first) this.#items.clear();
      this.#put(message.rows);
      // Only a whole one can be resumed from.
      this.cursor = message.part.last ? message.cursor : null;
      this.rights = message.rights;
    }
    if (message.type === 'delta') {
      const at = Number(this.cursor.split(':')[1]);
      if (message.from > at) throw new Error(`a hole: from ${message.from} at ${this.cursor}`);
      if (message.to < at) return;
      this.#put(message.rows);
      message.removed.forEach((id) => this.#items.delete(id));
      this.cursor = `${this.cursor.split(':')[0]}:${message.to}`;
    }
  }

  #put({ first, names, ids, keys, times, positions, columns }) {
    names.forEach((name, i) => (this.#names[first + i] = name));
    ids.forEach((id, i) => {
      const old = keys[i] === undefined ? this.#items.get(id) : { key: keys[i], fields: {} };
      if (old === undefined) throw new Error(`item ${id} is not known and not told whole`);
      const item = { ...old, time: times[i], fields: { ...old.fields } };
      if (positions[i]) item.position = positions[i];
      for (const [field, cells] of columns) {
        const name = this.#names[field];
        if (name === undefined) throw new Error(`field ${field} has no name`);
        if (cells[i] === null) delete item.fields[name];
        else if (cells[i] !== undefined) item.fields[name] = cells[i];
      }
      this.#items.set(id, item);
    });
  }

  /** Items by key. */
  get items() {
    return new Map([...this.#items.values()].map((item) => [item.key, item]));
  }
}

/** The message that begins to follow everything, or goes on. */
export function subscribe(copy, id = 1, everyMs = 0) {
  const bytes = [1, 1, ...varint(id), ...varint(everyMs), 0];
  if (copy.cursor === null) return Buffer.from([...bytes, 0]);
  const [epoch, seq] = copy.cursor.slice(1).split(':').map(Number);
  return Buffer.from([...bytes, 3, ...varint(epoch), ...varint(seq), ...varint(copy.rights)]);
}

/** The message that acknowledges what came. */
export function acknowledge(copy) {
  const [epoch, seq] = copy.cursor.slice(1).split(':').map(Number);
  return Buffer.from([1, 3, ...varint(epoch), ...varint(seq)]);
}

function varint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

// Messages of Cloudflare Queues, given to sources (docs/sources/cloudflare-queues.md): a batch becomes CloudEvents, which go the
// way of every request to a source. A message is acknowledged after the board has it.

/** What one request has of messages, in characters of JSON; a source takes 8 MiB. */
const REQUEST = 4 * 1024 * 1024;
/** After how many seconds messages come again that nothing but a change of settings helps. */
const SETTINGS_S = 60;
/** The same where the board does not say itself when to come again. */
const BUSY_S = 5;
/** The longest delay that a queue has. */
const LONGEST_S = 43_200;

/** Which source takes a queue's messages, with its secret: `{"QUEUE": {"source": "NAME", "secret": "…"}}`. */
function target(queue, env) {
  try {
    const { source, secret } = JSON.parse(env.HELIOGRAPH_QUEUES ?? "{}")[queue] ?? {};
    if (typeof source === "string" && typeof secret === "string") return { source, secret };
  } catch {
    // Told below, without what is in it.
  }
  return undefined;
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function base64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** A message's content as a member of its CloudEvent. What is no JSON is the source's to refuse: it keeps it. */
function data(body) {
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    const bytes = new Uint8Array(body.buffer ?? body, body.byteOffset ?? 0, body.byteLength);
    const text = new TextDecoder().decode(bytes);
    return isJson(text) ? `"data":${text}` : `"data_base64":"${base64(bytes)}"`;
  }
  // As it came: a number keeps its digits.
  if (typeof body === "string") return isJson(body) ? `"data":${body}` : `"data_base64":"${base64(new TextEncoder().encode(body))}"`;
  try {
    return `"data":${JSON.stringify(body) ?? "null"}`;
  } catch {
    return `"data":${JSON.stringify(String(body))}`;
  }
}

function cloudEvent(queue, { id, timestamp, body }) {
  const attributes = { specversion: "1.0", id, source: `queue/${queue}`, type: "message", time: timestamp.toISOString() };
  return `${JSON.stringify(attributes).slice(0, -1)},${data(body)}}`;
}

/** Messages with their texts, in requests of a bounded length. */
function* requests(queue, messages) {
  let part = [];
  let length = 0;
  for (const message of messages) {
    const text = cloudEvent(queue, message);
    if (part.length > 0 && length + text.length > REQUEST) {
      yield part;
      [part, length] = [[], 0];
    }
    part.push({ message, text });
    length += text.length;
  }
  if (part.length > 0) yield part;
}

/**
 * Takes a batch. `ingest` answers a request as the worker does.
 *
 * What the source refuses of it is a dead letter of the board, and acknowledged. What it does not take now comes again, and with
 * it all that is behind it.
 */
export async function consume(batch, env, ingest) {
  const again = (messages, delaySeconds) => messages.forEach((message) => message.retry({ delaySeconds }));
  const to = target(batch.queue, env);
  if (to === undefined) {
    console.error(`HELIOGRAPH_QUEUES names no source and secret for the queue ${batch.queue}`);
    return again(batch.messages, SETTINGS_S);
  }
  const ask = (part) =>
    ingest(
      new Request(`https://queue.invalid/v1/ingest/${encodeURIComponent(to.source)}`, {
        method: "POST",
        headers: { authorization: `Bearer ${to.secret}`, "content-type": "application/cloudevents-batch+json" },
        body: `[${part.map(({ text }) => text).join(",")}]`,
      }),
    );
  /** Whether the next may go. */
  const take = async (part) => {
    const messages = part.map(({ message }) => message);
    const { ok, status, headers } = await ask(part).catch(() => new Response(null, { status: 503 }));
    if (ok) {
      messages.forEach((message) => message.ack());
      return undefined;
    }
    if (status === 429 || status >= 500) {
      const asked = Number(headers.get("retry-after") ?? BUSY_S);
      const delay = Math.min(Math.max(asked || BUSY_S, 1), LONGEST_S);
      again(messages, delay);
      return delay;
    }
    const isOfTheSource = status === 401 || status === 403 || status === 404;
    if (!isOfTheSource && part.length > 1) {
      // One of them spoils the others.
      const half = Math.ceil(part.length / 2);
      return (await take(part.slice(0, half))) ?? (await take(part.slice(half)));
    }
    console.error(`the source ${to.source} answers ${status} to messages of the queue ${batch.queue}`);
    again(messages, SETTINGS_S);
    return isOfTheSource ? SETTINGS_S : undefined;
  };
  let held;
  for (const part of requests(batch.queue, batch.messages)) {
    if (held === undefined) held = await take(part);
    else again(part.map(({ message }) => message), held);
  }
}

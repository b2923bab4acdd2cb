// Writes the built pages anew: what they load by its hashed name and with its integrity, and where the server is.

import { posix } from 'node:path';

/** Moves the styles of a page into a file, because the policy allows none in pages. */
export function withoutStyles(html, name, files) {
  return html.replaceAll(/<style>([\s\S]*?)<\/style>/g, (_, css) => {
    const sheet = `${posix.parse(name).name}-page.css`;
    files.set(sheet, Buffer.concat([files.get(sheet) ?? Buffer.alloc(0), Buffer.from(css)]));
    return `<link rel="stylesheet" href="/${sheet}">`;
  });
}

/**
 * A page as it is served.
 *
 * @param {string} html as it was built
 * @param {Map<string, {path: string, integrity: string}>} table the files by the path that the page knows
 * @param {string} server the server's origin; empty where it is the page's own
 */
export function page(html, table, server) {
  const found = (path) => table.get(path.slice(1));
  let text = html.replaceAll(/<(?:script|link)\b[^>]*>/g, (tag) => linked(tag, found));
  // What is said without JavaScript leads to the server.
  if (server) text = text.replaceAll(/href="?(\/v1\/[^"\s>]*)"?/g, `href="${server}$1"`);
  // Pages without a program ask the server for nothing.
  if (!/rel="?modulepreload/.test(text)) return text;
  const asked = [...table].filter(([name]) => /^(vendor|basemap)\//.test(name));
  const files = Object.fromEntries(asked.map(([name, { path, integrity }]) => [`/${name}`, loads(name) ? { path, integrity } : { path }]));
  const head = [
    `<meta name="heliograph-api" content="${server}">`,
    `<meta name="heliograph-files" content="${JSON.stringify(files).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">`,
    `<link rel="manifest" href="${found('/heliograph.webmanifest').path}">`,
    `<link rel="apple-touch-icon" href="${found('/icon-180.png').path}">`,
    `<script defer src="${found('/register.js').path}" integrity="${found('/register.js').integrity}"></script>`,
  ];
  // Before the first script, which may already look for them.
  return text.replace('<script', () => `${head.join('')}<script`);
}

const loads = (name) => /\.(?:m?js|css)$/.test(name);

/** A tag that loads a file, with the file's name and integrity of now. */
function linked(tag, found) {
  const address = /\b(?:src|href)="?(\/[^"\s>]+)"?/.exec(tag);
  const file = address && found(address[1]);
  if (!file) return tag;
  let fresh = tag.replace(address[0], address[0].replace(address[1], file.path));
  fresh = fresh.replace(/\s+integrity="?[^"\s>]+"?/, '');
  // Browsers heed it on scripts, modules and sheets alone.
  const checked = tag.startsWith('<script') || /\brel="?(?:stylesheet|modulepreload)/.test(tag);
  return checked ? fresh.replace(/\s*\/?>$/, ` integrity="${file.integrity}">`) : fresh;
}

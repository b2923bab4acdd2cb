// Other sites: pages on ports and names of their own, with headers as they please.

import { createServer } from 'node:http';

/** A site at a port of its own: `pages` are bodies by path, `headers` go with all of them. */
export class OtherSite {
  static async start(pages = {}, headers = {}) {
    const site = new OtherSite();
    site.pages = pages;
    site.headers = headers;
    site.server = createServer((request, response) => {
      const path = request.url.split('?')[0];
      // Browsers ask for one by themselves.
      if (path === '/favicon.ico') return void response.writeHead(204).end();
      const body = site.pages[path];
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8', ...site.headers });
      response.end(body ?? '');
    });
    await new Promise((resolve) => site.server.listen(0, '127.0.0.1', resolve));
    site.port = site.server.address().port;
    return site;
  }

  /** Its address by number; `named` is another site to a browser. */
  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get named() {
    return `http://localhost:${this.port}`;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

// <heliograph-board src="https://heliograph.example/embed/arena?v=1&widget=scoreboard">: a live board in any page.
// A module or a classic script, without dependencies. What stands inside the element is shown until the board is there, and
// stays where there is no script. docs/embed.md has its attributes, its events and how it gets a token.
(() => {
  'use strict';
  const NAME = 'heliograph-board';
  if (customElements.get(NAME)) return;

  const VERSION = 1;
  // Parameters of the address that attributes may set. The first two change without loading the frame again.
  const LIVE = ['theme', 'motion'];
  const ASKED = [...LIVE, 'lang', 'tz', 'units'];
  const COLOURS = ['accent', 'background', 'text', 'muted', 'line', 'highlight'];
  // No board is higher, whatever its frame says.
  const MOST_HIGH = 20000;

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    ':host{display:grid;min-width:0}:host([hidden]){display:none}slot,iframe{grid-area:1/1;display:block;min-width:0}' +
      'iframe{width:100%;height:160px;border:0}.shown~slot{display:none}.waiting{opacity:0}',
  );

  customElements.define(
    NAME,
    class extends HTMLElement {
      static observedAttributes = ['src', 'sandbox', 'credentialless', 'height', 'label', ...ASKED];

      #frame;
      #origin;
      #port;
      #height;

      constructor() {
        super();
        // Whoever focuses the element focuses the board in it.
        const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
        root.adoptedStyleSheets = [sheet];
        root.append(document.createElement('slot'));
      }

      connectedCallback() {
        addEventListener('message', this.#heard);
        this.#load();
      }

      disconnectedCallback() {
        removeEventListener('message', this.#heard);
        this.#unload();
      }

      attributeChangedCallback(name, before, now) {
        if (!this.#frame || before === now) return;
        if (LIVE.includes(name)) this.#dress();
        else if (name === 'label') this.#frame.title = this.#label();
        else if (name === 'height') this.#grow(this.#height);
        else this.#load();
      }

      /** Tells the board its theme and colours again: after the page's own styles changed. */
      restyle() {
        this.#dress();
      }

      #label() {
        return this.getAttribute('label') || 'Heliograph';
      }

      #load() {
        this.#unload();
        const src = this.getAttribute('src');
        if (!src) return;
        const url = new URL(src, document.baseURI);
        if (!url.searchParams.has('v')) url.searchParams.set('v', VERSION);
        for (const name of ASKED) if (this.hasAttribute(name)) url.searchParams.set(name, this.getAttribute(name));
        const frame = document.createElement('iframe');
        // Loaded when it is near the window.
        frame.loading = 'lazy';
        frame.referrerPolicy = 'no-referrer';
        frame.title = this.#label();
        const sandbox = this.getAttribute('sandbox');
        if (sandbox !== null) frame.setAttribute('sandbox', sandbox);
        if (this.hasAttribute('credentialless')) frame.credentialless = true;
        const isOpaque = sandbox !== null && !/\ballow-same-origin\b/.test(sandbox);
        this.#origin = isOpaque ? 'null' : url.origin;
        // Browsers put paper behind a frame whose colour scheme is another; a transparent one says that it is light.
        if (/\b(overlay|transparent)\b/.test(url.search)) frame.style.colorScheme = 'light';
        frame.className = this.firstElementChild ? 'waiting' : 'shown';
        frame.src = url;
        this.#frame = frame;
        this.#grow();
        this.shadowRoot.prepend(frame);
      }

      #unload() {
        this.#port?.close();
        this.#frame?.remove();
        this.#port = this.#frame = this.#height = undefined;
      }

      // Only this frame, and only while it shows what was loaded into it, is heard.
      #heard = ({ data, source, origin, ports }) => {
        const around = this.#frame?.contentWindow;
        if (!around || source !== around || origin !== this.#origin || data?.heliograph !== VERSION) return;
        if (data.type === 'hello') {
          // A frame without an origin can't be named; there is nothing in the greeting.
          around.postMessage({ heliograph: VERSION, type: 'connect' }, origin === 'null' ? '*' : origin);
        } else if (data.type === 'port' && ports[0]) {
          this.#port?.close();
          this.#port = ports[0];
          this.#port.onmessage = (event) => this.#told(event.data, event.target);
          this.#dress();
        }
      };

      #told(message, port) {
        const { type, ...detail } = message ?? {};
        delete detail.heliograph;
        if (type === 'height') return this.#grow(detail.height);
        if (type === 'token') return void this.#bring(detail.reason, port);
        if (type === 'ready' || type === 'error') this.#frame.className = 'shown';
        if (type === 'ready' || type === 'error' || type === 'select') this.dispatchEvent(new CustomEvent(type, { detail }));
      }

      // `token` is a token, or a function that gets one: called at the start and whenever one is about to end.
      async #bring(reason, port) {
        let token = this.token;
        try {
          if (typeof token === 'function') token = await token.call(this, reason);
        } catch (error) {
          // The board tries again.
          token = null;
          console.error(error);
        }
        port.postMessage({ type: 'token', token });
      }

      #dress() {
        const style = getComputedStyle(this);
        const colours = {};
        for (const name of COLOURS) colours[name] = style.getPropertyValue(`--heliograph-${name}`).trim();
        const look = {};
        for (const name of LIVE) look[name] = this.getAttribute(name) ?? 'auto';
        this.#port?.postMessage({ type: 'set', ...look, colours });
      }

      // As high as its content says, unless the page says how high.
      #grow(height) {
        this.#height = height;
        const fixed = Number(this.getAttribute('height'));
        const wanted = fixed > 0 ? fixed : height;
        if (!(wanted > 0)) return;
        this.#frame.style.height = `${Math.min(Math.ceil(wanted), MOST_HIGH)}px`;
      }
    },
  );
})();

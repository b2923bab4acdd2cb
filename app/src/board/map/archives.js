// Archives of tiles for MapLibre: addresses that begin with `pmtiles://`. What reads them, the library `pmtiles`
// (https://github.com/protomaps/PMTiles), is loaded with the first one: most maps have none.

let told;
let reader;

/** Tells MapLibre's module how to read archives; the library lies at `script`. */
export function add_archives(maplibre, script, integrity) {
  if (told === maplibre) return;
  told = maplibre;
  maplibre.addProtocol('pmtiles', async (request, abort) => {
    reader ??= made(script, integrity);
    const mine = reader;
    try {
      const answer = await (await mine).tile(request, abort);
      return request.type === 'json' ? { ...answer, data: described(answer.data) } : answer;
    } catch (error) {
      // The library keeps what failed once as failed: who tries again begins anew.
      if (!abort.signal.aborted && reader === mine) reader = undefined;
      throw error;
    }
  });
}

async function made(src, integrity) {
  if (!window.pmtiles) {
    await new Promise((done, failed) => {
      const script = Object.assign(document.createElement('script'), { src, integrity });
      script.onload = () => done();
      script.onerror = () => {
        script.remove();
        failed(new Error(`${src} could not be loaded`));
      };
      document.head.append(script);
    });
  }
  return new window.pmtiles.Protocol({ metadata: true });
}

/** What an archive says of itself. No archive has all layers that a style draws, and MapLibre would complain of each. */
function described({ vector_layers: _, attribution, ...rest }) {
  return attribution ? { ...rest, attribution: plain(attribution) } : rest;
}

/** An archive says as HTML where it comes from, which MapLibre would take as it is: the text of it. */
function plain(html) {
  const place = document.createElement('span');
  place.textContent = new DOMParser().parseFromString(html, 'text/html').body.textContent;
  return place.innerHTML;
}

// The one thing the bindings can't say in Rust: a dynamic import, so that only pages with a map load MapLibre. An import has no
// place for an integrity; a preload has, and an import takes what was preloaded.
export async function import_module(url, integrity) {
  if (integrity) await preloaded(url, integrity);
  return import(url);
}

function preloaded(href, integrity) {
  const link = Object.assign(document.createElement('link'), { rel: 'modulepreload', href, integrity });
  if (!link.relList.supports('modulepreload')) return undefined;
  return new Promise((done, failed) => {
    link.onload = () => done();
    link.onerror = () => failed(new Error(`${href} could not be loaded`));
    document.head.append(link);
  }).finally(() => link.remove());
}

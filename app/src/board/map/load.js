// The one thing the bindings can't say in Rust: a dynamic import, so that only pages with a map load MapLibre.
export function import_module(url) {
  return import(url);
}

// The peers, each as its documentation advises for many moving points.

import { ScatterplotLayer } from '@deck.gl/layers';
import { MapLibreOverlay } from '@deck.gl/maplibre';
import L from 'leaflet';
import * as maplibre from 'maplibre-gl';

maplibre.setWorkerUrl('/vendor/maplibre-gl-worker.mjs');

const BLUE = [10, 92, 186];
const STYLE = {
  version: 8,
  sources: { world: { type: 'geojson', data: '/basemap/world.json', maxzoom: 7, tolerance: 0.3 } },
  layers: [
    { id: 'water', type: 'background', paint: { 'background-color': '#d5e1ea' } },
    { id: 'land', type: 'fill', source: 'world', filter: ['==', ['get', 'kind'], 'land'], paint: { 'fill-color': '#f6f4ee' } },
    { id: 'border', type: 'line', source: 'world', filter: ['==', ['get', 'kind'], 'border'], paint: { 'line-color': '#c3bdae' } },
  ],
};

async function base(container, { centre, zoom }) {
  const map = new maplibre.Map({
    container,
    style: STYLE,
    center: [centre[1], centre[0]],
    zoom,
    attributionControl: false,
    fadeDuration: 0,
  });
  await map.once('load');
  return map;
}

/** The map alone, drawn in each frame. */
export async function nothing(container, items, view) {
  const map = await base(container, view);
  let frames = 0;
  map.on('render', () => {
    frames += 1;
    map.triggerRepaint();
  });
  map.triggerRepaint();
  return { move: () => {}, frames: () => frames };
}

export async function deck(container, items, view) {
  const map = await base(container, view);
  const positions = new Float64Array(items.count * 2);
  const take = (which) => {
    for (const at of which) {
      positions[at * 2] = items.lon[at];
      positions[at * 2 + 1] = items.lat[at];
    }
  };
  take(Array.from({ length: items.count }, (_, at) => at));
  let frames = 0;
  let [isNew, isAsked] = [false, false];
  const layer = () =>
    new ScatterplotLayer({
      id: 'items',
      data: { length: items.count, attributes: { getPosition: { value: positions, size: 2 } } },
      getRadius: 6,
      radiusUnits: 'pixels',
      getFillColor: BLUE,
      stroked: true,
      getLineColor: [255, 255, 255],
      lineWidthUnits: 'pixels',
      getLineWidth: 1.5,
    });
  const overlay = new MapLibreOverlay({
    interleaved: false,
    layers: [layer()],
    onAfterRender: () => {
      if (isNew) frames += 1;
      isNew = false;
    },
  });
  map.addControl(overlay);
  return {
    move: (moved) => {
      take(moved);
      if (isAsked) return;
      isAsked = true;
      requestAnimationFrame(() => {
        isAsked = false;
        isNew = true;
        overlay.setProps({ layers: [layer()] });
      });
    },
    frames: () => frames,
  };
}

const point = (items, at) => ({ type: 'Point', coordinates: [items.lon[at], items.lat[at]] });
const feature = (items, at) => ({ type: 'Feature', id: at, properties: {}, geometry: point(items, at) });
const everything = (items) => ({
  type: 'FeatureCollection',
  features: Array.from({ length: items.count }, (_, at) => feature(items, at)),
});

async function circles(container, items, view) {
  const map = await base(container, view);
  map.addSource('items', { type: 'geojson', data: everything(items) });
  map.addLayer({
    id: 'items',
    type: 'circle',
    source: 'items',
    paint: { 'circle-radius': 6, 'circle-color': '#0a5cba', 'circle-stroke-color': '#fff', 'circle-stroke-width': 1.5 },
  });
  await map.once('idle');
  return map;
}

/** Gives the source what is new whenever it has drawn what it got before. */
function fed(map, give) {
  const source = map.getSource('items');
  let frames = 0;
  let [isBusy, isLoaded] = [false, false];
  let waiting = [];
  const next = () => {
    if (isBusy || waiting.length === 0) return;
    isBusy = true;
    const moved = waiting;
    waiting = [];
    Promise.resolve(give(source, moved)).then(() => {
      isLoaded = true;
      map.triggerRepaint();
    });
  };
  map.on('render', () => {
    if (!isLoaded || !map.isSourceLoaded('items')) return;
    frames += 1;
    isBusy = false;
    isLoaded = false;
    next();
  });
  return {
    move: (moved) => {
      waiting = waiting.concat(moved);
      next();
    },
    frames: () => frames,
  };
}

export async function setData(container, items, view) {
  const map = await circles(container, items, view);
  return fed(map, (source) => source.setData(everything(items)));
}

export async function updateData(container, items, view) {
  const map = await circles(container, items, view);
  return fed(map, (source, moved) =>
    source.updateData({ update: [...new Set(moved)].map((at) => ({ id: at, newGeometry: point(items, at) })) }),
  );
}

export async function leaflet(container, items, { centre, zoom }) {
  const map = L.map(container, { preferCanvas: true, zoomAnimation: false, attributionControl: false }).setView(centre, zoom + 1);
  const markers = Array.from({ length: items.count }, (_, at) =>
    L.circleMarker([items.lat[at], items.lon[at]], { radius: 6, weight: 1.5, color: '#fff', fillColor: '#0a5cba', fillOpacity: 1 }).addTo(map),
  );
  let frames = 0;
  const renderer = map.getRenderer(markers[0] ?? L.circleMarker(centre));
  const redraw = renderer._redraw;
  renderer._redraw = function counted(...all) {
    frames += 1;
    return redraw.apply(this, all);
  };
  return {
    move: (moved) => moved.forEach((at) => markers[at].setLatLng([items.lat[at], items.lon[at]])),
    frames: () => frames,
  };
}

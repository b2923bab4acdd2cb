// What a phone needs to keep the site on its home screen: icons and a web app manifest.

import sharp from 'sharp';

/** Name, size in pixels, and whether the phone cuts it to its own shape: then only the middle is sure to be seen. */
const ICONS = [
  ['icon-192.png', 192, false],
  ['icon-512.png', 512, false],
  ['icon-512-maskable.png', 512, true],
  ['icon-180.png', 180, true],
];
const GROUND = '#0a5cba';

/** PNG pictures of the site's sign. */
export async function icons(svg) {
  const made = ICONS.map(async ([name, size, cut]) => {
    const inner = cut ? Math.round(size * 0.8) : size;
    const sign = await sharp(svg, { density: (72 * inner) / 32 }).resize(inner, inner).png().toBuffer();
    if (!cut) return [name, sign];
    const edge = Math.round((size - inner) / 2);
    const ground = sharp({ create: { width: size, height: size, channels: 3, background: GROUND } });
    return [name, await ground.composite([{ input: sign, left: edge, top: edge }]).png({ compressionLevel: 9 }).toBuffer()];
  });
  return new Map(await Promise.all(made));
}

/** The manifest (https://www.w3.org/TR/appmanifest/). Names of icons become their names with a hash. */
export function manifest() {
  const shown = ICONS.filter(([name]) => name !== 'icon-180.png');
  return JSON.stringify({
    id: '/',
    name: 'Heliograph',
    short_name: 'Heliograph',
    description: 'Live maps and rankings of what is moving right now.',
    start_url: '/',
    scope: '/',
    display: 'standalone',
    background_color: '#ffffff',
    theme_color: GROUND,
    icons: shown.map(([name, size, cut]) => ({ src: `/${name}`, sizes: `${size}x${size}`, type: 'image/png', purpose: cut ? 'maskable' : 'any' })),
  });
}

// Colours of a page, as people see it.

/** Red, green and blue at a place of a page. */
export async function colourAt(page, x, y) {
  const bytes = (await page.screenshot({ clip: { x: Math.round(x), y: Math.round(y), width: 1, height: 1 } })).toString('base64');
  return page.evaluate(async (text) => {
    const png = new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type: 'image/png' });
    const canvas = new OffscreenCanvas(1, 1);
    canvas.getContext('2d').drawImage(await createImageBitmap(png), 0, 0);
    return [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data].slice(0, 3);
  }, bytes);
}

/** Whether a colour is one that was wanted, but for what smoothing makes of it. */
export const isColour = (seen, wanted) => seen.every((part, n) => Math.abs(part - wanted[n]) <= 12);

// uPlot (https://github.com/leeoniya/uPlot) as far as we use it: the only file that knows its names. It is loaded when
// the first chart is shown. Times are epoch milliseconds; colours come from the page's styles at each drawing.

let loading;

/** Loads the library and its styles once. */
export function load_library(script, scriptIntegrity, style, styleIntegrity) {
  loading ??= Promise.all([
    added('script', { src: script, integrity: scriptIntegrity }),
    added('link', { rel: 'stylesheet', href: style, integrity: styleIntegrity }),
  ]).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

function added(tag, properties) {
  return new Promise((done, failed) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.onload = () => done();
    element.onerror = () => {
      element.remove();
      failed(new Error(`${properties.src ?? properties.href} could not be loaded`));
    };
    document.head.append(element);
  });
}

const FONT = '12px system-ui, sans-serif';

let formats;

/** How the page's language writes dates, with the digits that its texts have. The program has said which it is by the first drawing. */
function language() {
  if (!formats) {
    const tag = `${document.documentElement.lang || 'en'}-u-nu-latn`;
    formats = {
      tag,
      is_english: tag.startsWith('en'),
      month: new Intl.DateTimeFormat(tag, { month: 'short' }),
      day: new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short' }),
    };
  }
  return formats;
}

const MINUTE = 60e3;
const DAY = 24 * 60 * MINUTE;

const two = (n) => String(n).padStart(2, '0');

/** Clock times, with the date under the first one and where it changes; for long steps dates, and years likewise. */
function time_labels(u, splits, axis, space, step) {
  const { is_english, month, day } = language();
  let before;
  return splits.map((split) => {
    const at = new Date(split);
    // English days stand before the month here, as in the texts.
    const date = is_english ? `${at.getDate()} ${month.format(at)}` : day.format(at);
    const clock = `${two(at.getHours())}:${two(at.getMinutes())}${step < MINUTE ? `:${two(at.getSeconds())}` : ''}`;
    const [short, context] = step < DAY ? [clock, date] : [step < 28 * DAY ? date : month.format(at), `${at.getFullYear()}`];
    const label = context === before ? short : `${short}\n${context}`;
    before = context;
    return label;
  });
}

function number_labels(u, splits, axis, space, step) {
  const { tag, is_english } = language();
  // As many decimals as the step itself has: steps of 2.5 are not 0, 3, 5, 8.
  const is_whole = (n) => Math.abs(n - Math.round(n)) < 1e-6 * n;
  let decimals = 0;
  while (decimals < 9 && !is_whole(step * 10 ** decimals)) decimals += 1;
  const large = Math.max(...splits.map(Math.abs)) >= 1e6;
  const format = new Intl.NumberFormat(tag, large ? { notation: 'compact', maximumSignificantDigits: 4 } : { maximumFractionDigits: decimals, minimumFractionDigits: decimals });
  return splits.map((split) => {
    const text = format.format(split).replace('-', '\u2212');
    return is_english ? text.replaceAll(',', '\u202f') : text;
  });
}

function label_width(u, values) {
  if (!values) return 40;
  u.ctx.save();
  u.ctx.font = FONT;
  const widest = Math.max(...values.map((text) => u.ctx.measureText(text).width));
  u.ctx.restore();
  return Math.ceil(widest) + 12;
}

/**
 * Values that matter: a thin dotted line with its name above it, or below where there is no room. The name stands at the left
 * end: at the other it would cover the latest values of a narrow screen.
 */
function draw_levels(u, levels, colour) {
  const { ctx, bbox, scales } = u;
  const ratio = window.devicePixelRatio || 1;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  for (const { axis, value, name } of levels) {
    const scale = `y${axis}`;
    if (!(value >= scales[scale].min && value <= scales[scale].max)) continue;
    const y = Math.round(u.valToPos(value, scale, true));
    ctx.strokeStyle = ctx.fillStyle = colour('--level');
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    const has_room = y - bbox.top > 18 * ratio;
    ctx.textBaseline = has_room ? 'bottom' : 'top';
    // A rim of the page's own colour: the text may lie on lines.
    ctx.setLineDash([]);
    ctx.lineJoin = 'round';
    ctx.lineWidth = 4 * ratio;
    ctx.strokeStyle = colour('--surface');
    const [x, at] = [bbox.left + 4 * ratio, y + (has_room ? -3 : 3) * ratio];
    ctx.strokeText(name, x, at);
    ctx.fillText(name, x, at);
  }
  ctx.restore();
}

/**
 * A chart in `host`, which it fills. `lines` says for each line `{axis, colour, dash}`: its axis (0 left, 1 right), the
 * number of its colour, and the lengths of its dashes; with `band` the last two columns are the edges of a band behind the first line. `zero`
 * keeps zero on the scale. `levels` are values that matter, `{axis, value, name}`, drawn across the chart where its scale reaches them. The callbacks: `chosen(from, to)`, `pointed(time)` (NaN when the pointer left),
 * `wheeled(factor, time)`, `reset()`.
 */
export class Plot {
  constructor(host, description, chosen, pointed, wheeled, reset) {
    const { lines, band, zero, levels } = JSON.parse(description);
    this.host = host;
    this.colours = {};
    const colour = (name) => (this.colours[name] ??= getComputedStyle(host).getPropertyValue(name).trim() || '#888888');
    const line_colour = (number) => colour(`--series-${number}`);
    const points = (number) => ({ size: 5, width: 1, stroke: () => line_colour(number), fill: () => line_colour(number) });
    // A line that stays where it is lies in the middle: a whole number between its neighbours, another in a band of a tenth.
    const around = (value) => (Number.isInteger(value) && Math.abs(value) <= 1e3 ? 1 : Math.abs(value) * 0.05 || 1);
    const range = zero
      ? (u, min, max) => [0, max > 0 ? window.uPlot.rangeNum(0, max, 0.1, true)[1] : 1]
      : (u, min, max) => (min === null ? [0, 1] : min === max ? [min - around(min), max + around(max)] : window.uPlot.rangeNum(min, max, 0.1, true));
    const hidden = (axis) => ({ scale: `y${axis}`, width: 0, stroke: 'transparent', points: { show: false } });
    const series = [{}, ...lines.map(({ axis, colour: number, dash }) => ({
      scale: `y${axis}`,
      width: 2,
      stroke: () => line_colour(number),
      dash,
      points: points(number),
    }))];
    if (band) series.push(hidden(lines[0].axis), hidden(lines[0].axis));
    const has_right = lines.some(({ axis }) => axis === 1);
    const axis = { stroke: () => colour('--muted'), font: FONT, ticks: { show: false } };
    const grid = { stroke: () => colour('--line'), width: 1 };
    const axes = [
      { ...axis, grid, size: 46, space: 72, gap: 6, values: time_labels },
      { ...axis, scale: 'y0', grid, size: label_width, space: 26, gap: 6, values: number_labels },
    ];
    if (has_right) axes.push({ ...axis, scale: 'y1', side: 1, grid: { show: false }, size: label_width, space: 26, gap: 6, values: number_labels });
    const u = new window.uPlot({
      ...this.size(),
      ms: 1,
      pxAlign: 0,
      padding: [8, has_right ? 0 : 20, 0, 0],
      legend: { show: false },
      scales: { x: { time: true, auto: false, range: (u, min, max) => [min, max] }, y0: { range }, y1: { range } },
      series,
      bands: band ? [{ series: [series.length - 2, series.length - 1], fill: () => colour('--series-band') }] : [],
      axes,
      cursor: {
        y: false,
        points: { size: 9, width: 2 },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => reset() },
      },
      hooks: {
        drawClear: [() => { this.colours = {}; }],
        draw: [(self) => draw_levels(self, levels, colour)],
        setCursor: [(self) => pointed(self.cursor.left >= 0 ? self.posToVal(self.cursor.left, 'x') : NaN)],
        setSelect: [(self) => {
          const { left, width } = self.select;
          self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (width >= 6) chosen(self.posToVal(left, 'x'), self.posToVal(left + width, 'x'));
        }],
      },
    }, series.map(() => []), host);
    this.u = u;
    const at = (event) => event.clientX - u.over.getBoundingClientRect().left;
    u.over.addEventListener('wheel', (event) => {
      // A plain wheel scrolls the page; with Ctrl, and as the browser reports a pinch, it zooms.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      wheeled(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 200))), u.posToVal(at(event), 'x'));
    }, { passive: false });
    u.over.addEventListener('pointermove', (event) => {
      if (event.pointerType === 'touch') u.setCursor({ left: at(event), top: 0 });
    });
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(host);
  }

  size() {
    return { width: Math.max(1, this.host.clientWidth), height: Math.max(1, this.host.clientHeight) };
  }

  fit() {
    const { width, height } = this.size();
    if (width !== this.u.width || height !== this.u.height) this.u.setSize({ width, height });
  }

  /** Shows columns: the times first. NaN breaks a line; infinity means that the line has nothing of its own there. */
  show(columns, from, to) {
    const plain = columns.map((column, index) => index === 0
      ? Array.from(column)
      : Array.from(column, (value) => (Number.isNaN(value) ? null : value === Infinity ? undefined : value)));
    this.u.batch(() => {
      this.u.setData(plain, false);
      this.u.setScale('x', { min: from, max: to });
    });
  }

  /** Looks at another stretch of the same columns. */
  look(from, to) {
    this.u.setScale('x', { min: from, max: to });
  }

  /** Puts the crosshair to a time, or away. */
  point(time) {
    const left = Number.isNaN(time) ? -10 : this.u.valToPos(time, 'x');
    this.u.setCursor({ left, top: Number.isNaN(time) ? -10 : this.u.over.clientHeight / 2 }, false);
  }

  /** Draws again, in the colours of now. */
  redraw() {
    this.u.redraw(false, true);
  }

  destroy() {
    this.observer.disconnect();
    this.u.destroy();
  }
}

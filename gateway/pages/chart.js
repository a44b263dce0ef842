/** A small chart of energy: today as lines of power, the month as bars. Pointer, pinch and arrow keys move through it. */

const space = 'http://www.w3.org/2000/svg';
const [height, left, bottom, top] = [210, 34, 26, 10];
const quarterMs = 900_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
const eastAfricaMs = 3 * hourMs;
const leastShown = 8;

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Africa/Nairobi',
  hour: '2-digit',
  minute: '2-digit',
});
const date = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Africa/Nairobi',
  day: 'numeric',
  month: 'numeric',
});

function element(tag, attributes, text) {
  const made = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** kWh and kW with one decimal are enough for a glance. */
const one = (value) => value.toLocaleString('en', { maximumFractionDigits: 1 });

const isMidnight = (ms) => (ms + eastAfricaMs) % dayMs === 0;

const two = (value) => value.toLocaleString('en', { maximumFractionDigits: 2 });

/** A round figure at or above the greatest value. */
function roundUp(value) {
  const steps = [0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 60, 80, 100, 200, 400, 800];
  return steps.find((step) => step >= value) ?? value;
}

/** The two series of a span: what is drawn gold and what is drawn green. */
function seriesOf(spans, perKilo) {
  const hasSun = spans.some(({ sunWh, exportedWh }) => (sunWh ?? exportedWh) > 0);
  const knowsUse = spans.every(({ useWh }) => useWh !== null);
  const gold = (span) => (span.sunWh ?? span.exportedWh) * perKilo;
  const green = (span) => (span.useWh ?? span.importedWh) * perKilo;
  const knowsSun = spans.some(({ sunWh }) => sunWh !== null);
  return {
    gold: hasSun ? gold : undefined,
    goldWord: knowsSun ? 'sun' : 'given',
    green,
    greenWord: knowsUse ? 'use' : 'taken',
  };
}

/** What is under the finger, in words. */
function textOf(span, spans, kind, words) {
  const { gold, green, goldWord, greenWord } = seriesOf(spans, kind === 'today' ? 4e-3 : 1e-3);
  const unit = kind === 'today' ? 'kW' : 'kWh';
  const when = (kind === 'today' ? clock : date).format(new Date(span.at));
  const parts = gold === undefined ? [] : [`${words[goldWord]} ${one(gold(span))} ${unit}`];
  return [when, ...parts, `${words[greenWord]} ${one(green(span))} ${unit}`].join(' · ');
}

/** Draws into a place, and says at `tell` what is under the finger. */
export function openChart(place, tell) {
  let [spans, kind, words] = [[], 'today', undefined];
  /** The part that a pinch shows; the whole otherwise. */
  let shown;
  let at;

  /** In pixels of the screen, so that its letters are as large as all others. */
  let width = place.clientWidth;

  const visible = () => (shown === undefined ? spans : spans.slice(shown.from, shown.to));

  function draw() {
    const drawn = visible();
    width = place.clientWidth;
    const picture = element('svg', { width, height, 'aria-hidden': 'true' });
    if (drawn.length > 0) fill(picture, drawn, kind, width);
    place.replaceChildren(picture);
    mark(at ?? drawn.length - 1);
  }

  function mark(index) {
    const drawn = visible();
    const span = drawn[Math.max(0, Math.min(drawn.length - 1, index))];
    place.setAttribute('aria-valuemax', String(Math.max(0, drawn.length - 1)));
    if (span === undefined) return;
    place.setAttribute('aria-valuenow', String(drawn.indexOf(span)));
    place.setAttribute('aria-valuetext', textOf(span, spans, kind, words));
    tell(textOf(span, spans, kind, words));
    place.querySelector('.mark')?.remove();
    const x = xOf(drawn, kind, width)(span);
    place.firstElementChild.append(
      element('line', { class: 'mark', x1: x, x2: x, y1: top, y2: height - bottom }),
    );
  }

  listen(place, {
    indexAt: (share) => indexAt(visible(), kind, width, share),
    move: (index) => {
      at = Math.max(0, Math.min(visible().length - 1, index));
      mark(at);
    },
    here: () => at ?? visible().length - 1,
    zoom: (by, share) => {
      shown = zoomed(spans.length, shown ?? { from: 0, to: spans.length }, by, share);
      at = undefined;
      draw();
    },
    whole: () => {
      shown = undefined;
      draw();
    },
  });

  new ResizeObserver(() => {
    if (place.clientWidth !== width) draw();
  }).observe(place);

  return {
    show(next, nextKind, nextWords) {
      if (nextKind !== kind) [shown, at] = [undefined, undefined];
      [spans, kind, words] = [next, nextKind, nextWords];
      draw();
    },
  };
}

/** A day is shown whole, so that the sun rises where it always does; a pinch shows what it holds. */
function xOf(drawn, kind, width) {
  const room = width - left - 4;
  if (kind === 'month') {
    const step = room / Math.max(drawn.length, 7);
    return (span) => left + step * (drawn.indexOf(span) + 0.5);
  }
  const first = Date.parse(drawn[0].at);
  const last = Date.parse(drawn.at(-1).at) + quarterMs;
  const end = isMidnight(first) ? first + dayMs : last;
  return (span) => left + (room * (Date.parse(span.at) - first)) / (end - first);
}

function indexAt(drawn, kind, width, share) {
  if (drawn.length === 0) return 0;
  const x = xOf(drawn, kind, width);
  const distances = drawn.map((span) => Math.abs(x(span) - share * width));
  return distances.indexOf(Math.min(...distances));
}

function fill(picture, drawn, kind, width) {
  const { gold, green } = seriesOf(drawn, kind === 'today' ? 4e-3 : 1e-3);
  const most = roundUp(Math.max(0.4, ...drawn.map(green), ...drawn.map(gold ?? green)));
  const y = (value) => height - bottom - ((height - bottom - top) * value) / most;
  const x = xOf(drawn, kind, width);
  for (const value of [0, most / 2, most]) {
    picture.append(
      element('line', { class: 'grid', x1: left, x2: width, y1: y(value), y2: y(value) }),
      element('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, two(value)),
    );
  }
  const format = kind === 'today' ? clock : date;
  for (const span of ticksOf(drawn, kind, width))
    picture.append(
      element(
        'text',
        { x: Math.min(x(span), width - 24), y: height - 6, 'text-anchor': 'middle' },
        format.format(new Date(span.at)),
      ),
    );
  if (kind === 'month') return bars(picture, drawn, { x, y, gold, green, width });
  const line = (of) => drawn.map((span) => `${x(span).toFixed(1)},${y(of(span)).toFixed(1)}`);
  const ends = (of) =>
    `${x(drawn[0])},${y(0)} ${line(of).join(' ')} ${x(drawn.at(-1)).toFixed(1)},${y(0)}`;
  if (gold !== undefined)
    picture.append(
      element('polygon', { class: 'gold area', points: ends(gold) }),
      element('polyline', { class: 'gold line', points: line(gold).join(' ') }),
    );
  picture.append(element('polyline', { class: 'green line', points: line(green).join(' ') }));
}

function bars(picture, drawn, { x, y, gold, green, width }) {
  const step = (width - left - 4) / Math.max(drawn.length, 7);
  const thick = Math.min(18, step * (gold === undefined ? 0.7 : 0.38));
  for (const span of drawn) {
    const bar = (name, value, from) =>
      picture.append(
        element('rect', {
          class: `${name} bar`,
          ...{ x: (x(span) + from).toFixed(1), y: y(value).toFixed(1), rx: 2 },
          ...{ width: thick.toFixed(1), height: Math.max(0, y(0) - y(value)).toFixed(1) },
        }),
      );
    if (gold !== undefined) bar('gold', gold(span), -thick - 0.5);
    bar('green', green(span), gold === undefined ? -thick / 2 : 0.5);
  }
}

function ticksOf(drawn, kind, width) {
  const most = Math.max(3, Math.floor(width / 90));
  if (kind === 'month') return drawn.filter((_, at) => at % Math.ceil(drawn.length / most) === 0);
  const first = Date.parse(drawn[0].at);
  // A whole day is drawn from midnight to midnight, however much of it has passed.
  if (isMidnight(first))
    return [0, 6, 12, 18].map((hour) => ({ at: new Date(first + hour * hourMs).toISOString() }));
  const everyMs = drawn.length > 40 ? 6 * hourMs : drawn.length > 12 ? 2 * hourMs : hourMs;
  return drawn.filter(({ at }) => (Date.parse(at) + eastAfricaMs) % everyMs === 0);
}

function zoomed(all, { from, to }, by, share) {
  const size = Math.max(leastShown, Math.min(all, Math.round((to - from) / by)));
  if (size >= all) return undefined;
  const middle = from + (to - from) * share;
  const begin = Math.max(0, Math.min(all - size, Math.round(middle - size * share)));
  return { from: begin, to: begin + size };
}

function listen(place, { indexAt: nearest, move, here, zoom, whole }) {
  const fingers = new Map();
  const shareOf = (x) => {
    const { left: edge, width: wide } = place.getBoundingClientRect();
    return (x - edge) / wide;
  };
  const apart = () => {
    const [one, two] = [...fingers.values()];
    return Math.max(20, Math.abs(one - two));
  };
  place.addEventListener('pointerdown', (event) => {
    fingers.set(event.pointerId, event.clientX);
    if (fingers.size === 1) move(nearest(shareOf(event.clientX)));
  });
  place.addEventListener('pointermove', (event) => {
    const before = fingers.size === 2 ? apart() : 0;
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event.clientX);
    if (fingers.size === 2) zoom(apart() / before, shareOf(event.clientX));
    else move(nearest(shareOf(event.clientX)));
  });
  for (const name of ['pointerup', 'pointercancel', 'pointerleave'])
    place.addEventListener(name, ({ pointerId }) => fingers.delete(pointerId));
  place.addEventListener('dblclick', whole);
  place.addEventListener('keydown', (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -9999, End: 9999, '+': 2, '-': 0.5 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    if (event.key === '+' || event.key === '-') zoom(step, 0.5);
    else move(here() + step);
  });
}

/** The public page: draws what the hub tells, live; it decides nothing. */
import { words } from './words.js';

const pollMs = 5000;
const settleMs = 300;
const rowsMax = 12;

const find = (id) => document.getElementById(id);
const store = window.localStorage;
let language = store.getItem('language') === 'sw' ? 'sw' : 'en';
let board;
let status;
let linked = false;

const said = () => words[language];
const kwh = (wh) =>
  (wh / 1000).toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
/** A little energy is lost in kWh with one decimal. */
const littleWh = 100;
const energy = (wh) => (wh > 0 && wh < littleWh ? [String(wh), 'Wh'] : [kwh(wh), 'kWh']);
const kes = (cents) =>
  (cents / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Africa/Nairobi',
  hour: '2-digit',
  minute: '2-digit',
});

/** How many of the five steps a state has behind it. */
const stepsDone = {
  matched: 1,
  'awaiting-funds': 1,
  paid: 2,
  transferring: 2,
  review: 2,
  settled: 3,
  closed: 5,
};
const halted = new Set(['expired', 'undone', 'review']);

/** What an event makes of its trade; the next look at the board has the last word. */
const stateAfter = {
  'trade.matched': 'matched',
  'trade.paid': 'paid',
  'trade.expired': 'expired',
  'tokens.sent': 'transferring',
  'tokens.settled': 'settled',
  'tokens.unclear': 'review',
  'trade.closed': 'closed',
};

/** Events that name no trade but change a figure. */
const alsoWorthALook = ['funds.missing', 'topup.confirmed', 'seller.paid', 'round.cleared'];

function write(id, text) {
  const place = find(id);
  if (place.textContent !== text) place.textContent = text;
}

function writeEnergy(id, wh) {
  const [figure, unit] = energy(wh);
  write(id, figure);
  write(`${id}-unit`, unit);
}

function drawWords() {
  document.documentElement.lang = language;
  for (const place of document.querySelectorAll('[data-word]')) {
    place.textContent = said()[place.dataset.word];
  }
  const other = find('language');
  other.textContent = said().otherLanguage;
  other.lang = language === 'en' ? 'sw' : 'en';
}

function drawLink() {
  write('link', linked ? said().live : said().lost);
  find('link').classList.toggle('on', linked);
}

function showLink(now) {
  linked = now;
  drawLink();
}

function drawBoard() {
  if (board === undefined) return;
  writeEnergy('energy', board.tradedWhToday);
  write('money', kes(board.tradedCentsToday));
  write('open', String(board.openTrades));
  write('paid', String(board.paidCount));
  write('credited', String(board.creditedCount));
  const waiting = board.paidCount - board.creditedCount;
  write('promise-note', waiting > 0 ? `${waiting} ${said().promiseWaiting}` : said().promiseKept);
  find('promise').classList.toggle('kept', waiting === 0);
  write('rate', kes(board.rateCentsPerKwh));
  writeEnergy('surplus', board.surplusWh);
  write('sun', board.sunWattsPerM2 === null ? '–' : String(board.sunWattsPerM2));
  drawAdvice();
  drawTrades();
}

/** What keeping for the night brought, in whole shillings, beside the best that was possible. */
function drawAdvice() {
  const { adviceGainedCents: gained, advicePossibleCents: possible } = board;
  find('advice').hidden = possible === 0;
  const shillings = (cents) => Math.round(cents / 100).toLocaleString('en');
  const text = said().adviceWorth;
  write(
    'advice-worth',
    text.replace('{gained}', shillings(gained)).replace('{possible}', shillings(possible)),
  );
}

const rows = new Map();

function drawTrades() {
  const shown = board.lastTrades.slice(0, rowsMax);
  const wanted = new Set(shown.map(({ id }) => id));
  for (const [id, row] of rows) {
    if (wanted.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  // Only rows out of place are moved: a moved row loses its transition.
  const list = find('trades');
  shown.forEach((trade, place) => {
    const row = rowOf(trade.id);
    drawTrade(row, trade);
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  find('no-trades').hidden = shown.length > 0;
}

function rowOf(id) {
  const known = rows.get(id);
  if (known !== undefined) return known;
  const row = find('trade').content.firstElementChild.cloneNode(true);
  row.querySelector('.steps').append(...said().steps.map(() => document.createElement('li')));
  rows.set(id, row);
  return row;
}

function drawTrade(row, { energyWh, amountCents, state, at }) {
  const done = stepsDone[state] ?? 1;
  row.className = `trade ${halted.has(state) ? 'halted' : ''} ${state === 'closed' ? 'closed' : ''}`;
  row.querySelector('.energy').textContent = energy(energyWh).join(' ');
  row.querySelector('.amount').textContent = `KES ${kes(amountCents)}`;
  row.querySelector('time').textContent = clock.format(new Date(at));
  row.querySelector('.aside').textContent = said().asides[state] ?? '';
  [...row.querySelectorAll('.steps > li')].forEach((step, place) => {
    step.textContent = said().steps[place];
    step.className = place < done ? 'done' : place === done ? 'next' : '';
    if (place < done) step.setAttribute('aria-current', 'step');
    else step.removeAttribute('aria-current');
  });
}

function drawStatus() {
  if (status === undefined) return;
  const { hub, time, integrations } = status;
  if (hub !== '') write('hub', hub);
  const speed = time.speed === 1 ? '' : ` · ${time.speed}×`;
  write('clock', `${clock.format(new Date(time.neighbourhood))}${speed}`);
  find('health').replaceChildren(...Object.entries(integrations).map(chip));

  drawPromise(status.payments);

  const pretended = Object.entries(integrations).filter(isPretended);
  const parts = pretended.map(([name, { mode }]) => `${partName(name)}: ${modeName(name, mode)}`);
  write('pretend', said().pretend.replace('{parts}', parts.join('; ')));
  find('pretend').hidden = integrations.mpesa?.mode !== 'simulator';
}

/** From M-Pesa's word to the wallet, since the hub began; nothing before the first payment. */
function drawPromise({ confirmed, credited, medianSeconds, worstSeconds }) {
  const figures = { confirmed, credited, median: medianSeconds, worst: worstSeconds };
  const text = said().promiseFigures.replace(/\{(\w+)\}/g, (_, name) => figures[name] ?? '–');
  write('promise-figures', text);
  find('promise-figures').hidden = confirmed === 0;
}

const isPretended = ([name, { mode }]) =>
  mode === 'simulator' || (name === 'solana' && mode === 'embedded');
const partName = (name) => said().parts[name] ?? name;
const modeName = (name, mode) => said().modes[`${name}.${mode}`] ?? said().modes[mode] ?? mode;

function chip([name, { mode, state, detail }]) {
  const item = document.createElement('li');
  item.className = state === 'ok' ? 'ok' : mode === 'off' || mode === 'none' ? 'off' : 'ill';
  item.title = detail;
  for (const [tag, text] of [
    ['b', partName(name)],
    ['span', modeName(name, mode)],
    ['i', said().states[state] ?? state],
  ]) {
    const part = document.createElement(tag);
    part.textContent = text;
    item.append(part);
  }
  return item;
}

async function ask(path) {
  const response = await fetch(path, { cache: 'no-store' });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

/** Asks for everything again. Without an answer the link says so, and the next look comes by itself. */
function look() {
  Promise.all([ask('/api/board'), ask('/api/status')]).then(
    (answers) => {
      [board, status] = answers;
      drawBoard();
      drawStatus();
    },
    () => showLink(false),
  );
}

/** Many events come together; one look answers them all. */
let lookComes = false;
function lookSoon() {
  if (lookComes) return;
  lookComes = true;
  setTimeout(() => {
    lookComes = false;
    look();
  }, settleMs);
}

function hear(name, event) {
  const trade = board?.lastTrades.find(({ id }) => id === event.trade);
  if (trade !== undefined) {
    trade.state = stateAfter[name];
    drawTrades();
  }
  lookSoon();
}

function listen() {
  const feed = new EventSource('/api/events');
  feed.addEventListener('open', () => {
    showLink(true);
    look();
  });
  feed.addEventListener('error', () => showLink(false));
  for (const name of Object.keys(stateAfter)) {
    feed.addEventListener(name, ({ data }) => hear(name, JSON.parse(data)));
  }
  for (const name of alsoWorthALook) feed.addEventListener(name, lookSoon);
}

find('language').addEventListener('click', () => {
  language = language === 'en' ? 'sw' : 'en';
  store.setItem('language', language);
  draw();
});

function draw() {
  drawWords();
  drawLink();
  drawBoard();
  drawStatus();
}

draw();
look();
listen();
setInterval(look, pollMs);

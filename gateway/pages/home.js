/** The household's page: asks the hub, draws the answer, and passes on what the household wants. */
import {
  drawAdvice,
  drawCards,
  drawNow,
  drawReceipts,
  drawSettings,
  drawSums,
  drawSwitch,
  drawTrades,
  drawWallet,
  drawWords,
  energyText,
  filled,
  find,
  languageNow,
  readSettings,
  said,
  shillings,
  speak,
  timeOf,
  write,
  writeNote,
} from './home-draw.js';

const nowEveryMs = 5000;
const allEveryMs = 60_000;
const settleMs = 250;
const spreadMs = 4000;
const kept = 'home';
const store = window.localStorage;

let me;
let linked = false;
let span = 'today';
let allTrades = false;
let chart;
/** The offer that is shown, with the end of its time by this page's own clock. */
let offer;
/** What became of it. */
let outcome;
/** Set while the household's own choice is on its way, so that an older answer does not undo what is shown. */
let choosing = 0;

function draw() {
  drawWords();
  write('link', linked ? said().live : said().lost);
  find('link').classList.toggle('on', linked);
  if (me === undefined) return;
  drawNow(me);
  drawWallet(me);
  drawTrades(me, allTrades);
  drawAdvice(me);
  drawCards(me);
  drawReceipts(me);
  if (choosing === 0) drawSwitch(me);
  drawSettings(me);
  drawSums(me[span]);
  drawChart();
  drawOffer();
  const away = linked ? undefined : filled(said().away, { time: timeOf(me.now.at) });
  writeNote('away', away);
}

function drawChart() {
  for (const name of ['today', 'month'])
    find(`show-${name}`).setAttribute('aria-pressed', String(name === span));
  const spans = span === 'today' ? me.today.slots : me.month.days;
  if (spans.length === 0) write('readout', said().noChart);
  else chart?.show(spans, span, said().readouts);
}

function drawOffer() {
  const leftMs = offer === undefined ? 0 : offer.endsMs - performance.now();
  if (offer !== undefined && leftMs <= 0) {
    outcome = 'offerOver';
    offer = undefined;
  }
  find('offer').hidden = offer === undefined;
  writeNote('outcome', outcome === undefined ? undefined : said()[outcome]);
  if (offer === undefined) return;
  const seconds = Math.ceil(leftMs / 1000);
  write('countdown', `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`);
  find('offer-left').value = Math.max(0, leftMs / offer.livesMs);
  write('offer-energy', energyText(offer.energyWh));
  write('offer-amount', `KES ${shillings(offer.amountCents)}`);
}

/** An offer counts down by the time that this page has been open: a phone's clock may be wrong. */
function takeOffers(offers) {
  const [next] = offers;
  if (next === undefined) {
    if (offer !== undefined) outcome ??= 'offerOver';
    offer = undefined;
    return;
  }
  if (offer?.id !== next.id) outcome = undefined;
  offer = { ...next, endsMs: performance.now() + next.expiresInMs };
  for (const id of ['offer-yes', 'offer-no']) find(id).disabled = false;
}

function showLink(now) {
  linked = now;
  draw();
}

async function ask(path, options) {
  const response = await fetch(path, { cache: 'no-store', ...options });
  if (response.status === 401) {
    // Signed out elsewhere, or a new PIN: nothing of the household stays on this phone.
    store.removeItem(kept);
    location.replace('/');
  }
  const body = await response.json();
  if (!response.ok) throw Object.assign(new Error(body.title), { title: body.title });
  return body;
}

const tell = (path, method, body) =>
  ask(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const problemText = (error) =>
  error.title === undefined ? said().noAnswer : (said().problems[error.title] ?? said().problem);

async function look() {
  const asked = choosing;
  try {
    const answer = await ask('/api/me');
    if (asked === choosing) me = answer;
    takeOffers(answer.offers);
    if (speak(answer.rule.language)) drawWords();
    store.setItem(kept, JSON.stringify({ ...answer, offers: [] }));
    showLink(true);
  } catch {
    showLink(false);
  }
}

async function lookNow() {
  if (document.hidden || me === undefined) return;
  try {
    me.now = await ask('/api/me/now');
    if (!linked) await look();
    else drawNow(me);
  } catch {
    showLink(false);
  }
}

/** Many events come together; one look answers them all. */
let lookComes = false;
function lookSoon(withinMs = settleMs) {
  if (lookComes) return;
  lookComes = true;
  setTimeout(() => {
    lookComes = false;
    void look();
  }, withinMs);
}

function listen() {
  const feed = new EventSource('/api/events');
  // What was missed while the line was down is in the answer to one question.
  feed.addEventListener('open', () => lookSoon());
  feed.addEventListener('mine', () => lookSoon());
  // It is everybody's at once: the neighbourhood's pages ask one after the other.
  feed.addEventListener('slot.closed', () => lookSoon(settleMs + Math.random() * spreadMs));
  feed.addEventListener('error', () => showLink(false));
}

async function answerOffer(decision) {
  const { id } = offer;
  for (const button of ['offer-yes', 'offer-no']) find(button).disabled = true;
  try {
    await tell(`/api/me/proposals/${encodeURIComponent(id)}`, 'POST', { decision });
    outcome = decision === 'approve' ? 'offerYes' : 'offerNo';
  } catch (error) {
    outcome = error.title === undefined ? 'noAnswer' : 'offerOver';
  }
  offer = undefined;
  drawOffer();
}

async function changeRule(change) {
  choosing += 1;
  try {
    me.rule = await tell('/api/me/rule', 'PATCH', change);
  } finally {
    choosing -= 1;
  }
}

async function choose({ target }) {
  try {
    await changeRule({ tonight: target.value });
    drawSwitch(me);
  } catch (error) {
    drawSwitch(me);
    write('tonight-note', problemText(error));
  }
}

async function save() {
  const { rule, order } = readSettings(me);
  try {
    if (order !== undefined) me.order = await tell('/api/me/order', 'PUT', order);
    await changeRule(rule);
    writeNote('settings-note', said().saved);
  } catch (error) {
    writeNote('settings-note', problemText(error));
  }
}

async function move(what, done) {
  const amount = Number(find(what).value);
  const button = find(`${what}-form`).querySelector('button');
  button.disabled = true;
  try {
    await tell(`/api/me/${what}`, 'POST', { amount });
    writeNote('money-note', filled(said()[done], { amount: shillings(amount * 100) }));
    find(`${what}-form`).reset();
    find(`${what}-form`).closest('details').open = false;
    lookSoon();
  } catch (error) {
    writeNote('money-note', problemText(error));
  }
  button.disabled = false;
}

/** A form that is sent by this page; what does not fit is said by the browser. */
function onSubmit(id, act) {
  find(id).addEventListener('submit', (event) => {
    event.preventDefault();
    act();
  });
}

function show(next) {
  span = next;
  draw();
}

find('language').addEventListener('click', async () => {
  speak(languageNow() === 'en' ? 'sw' : 'en');
  draw();
  if (me !== undefined) await changeRule({ language: languageNow() }).catch(() => {});
});
find('offer-yes').addEventListener('click', () => answerOffer('approve'));
find('offer-no').addEventListener('click', () => answerOffer('veto'));
for (const choice of document.querySelectorAll('[name=tonight]'))
  choice.addEventListener('change', choose);
find('show-today').addEventListener('click', () => show('today'));
find('show-month').addEventListener('click', () => show('month'));
find('more-trades').addEventListener('click', () => {
  allTrades = true;
  drawTrades(me, allTrades);
});
onSubmit('topup-form', () => move('topup', 'topUpDone'));
onSubmit('withdraw-form', () => move('withdraw', 'withdrawDone'));
onSubmit('settings-form', save);
find('sign-out').addEventListener('click', async () => {
  store.removeItem(kept);
  await fetch('/api/session', { method: 'DELETE' }).catch(() => {});
  location.replace('/');
});

/** The last answer is there before the hub has said anything; the chart comes after the figures. */
function begin() {
  try {
    me = JSON.parse(store.getItem(kept) ?? 'null') ?? undefined;
    draw();
  } catch {
    me = undefined;
    store.removeItem(kept);
    draw();
  }
}

// Where there is room nothing needs to be folded away.
find('settings').open = window.matchMedia('(min-width: 1300px)').matches;
begin();
void look().then(async () => {
  const { openChart } = await import('./chart.js');
  chart = openChart(find('chart'), (text) => write('readout', text));
  if (me !== undefined) drawChart();
});
listen();
setInterval(lookNow, nowEveryMs);
setInterval(look, allEveryMs);
setInterval(drawOffer, 250);

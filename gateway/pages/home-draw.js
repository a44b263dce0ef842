/** Draws what the hub says of one household; it asks for nothing and decides nothing. */
import { words } from './home-words.js';

export const find = (id) => document.getElementById(id);
const store = window.localStorage;
let language = store.getItem('language') === 'sw' ? 'sw' : 'en';
export const said = () => words[language];
export const languageNow = () => language;

/** True when it is another one than before. */
export function speak(next) {
  const isNew = next !== language;
  language = next;
  store.setItem('language', next);
  return isNew;
}

const fewTrades = 3;
const fullRingW = 5000;
const evenW = 20;
/** A little energy is lost in kWh with one decimal. */
const littleWh = 100;

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Africa/Nairobi',
  hour: '2-digit',
  minute: '2-digit',
});
const day = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Africa/Nairobi',
  day: 'numeric',
  month: 'numeric',
});
export const timeOf = (at) => clock.format(new Date(at));
const whenOf = (at, now) =>
  day.format(new Date(at)) === day.format(new Date(now))
    ? timeOf(at)
    : `${day.format(new Date(at))} ${timeOf(at)}`;

export const shillings = (cents) =>
  (cents / 100).toLocaleString('en', {
    minimumFractionDigits: cents % 100 === 0 ? 0 : 2,
    maximumFractionDigits: 2,
  });
const kilo = (value) =>
  (value / 1000).toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
export const energyText = (wh) => (wh > 0 && wh < littleWh ? `${wh} Wh` : `${kilo(wh)} kWh`);
export const filled = (text, figures) =>
  text.replace(/\{(\w+)\}/g, (_, name) => String(figures[name] ?? '–'));

export function write(id, text) {
  const place = find(id);
  if (place.textContent !== text) place.textContent = text;
}

/** Text of a note that comes and goes. */
export function writeNote(id, text) {
  find(id).hidden = text === undefined;
  write(id, text ?? '');
}

export function drawWords() {
  document.documentElement.lang = language;
  for (const place of document.querySelectorAll('[data-word]'))
    place.textContent = said()[place.dataset.word];
  const other = find('language');
  other.textContent = said().otherLanguage;
  other.lang = language === 'en' ? 'sw' : 'en';
}

export function drawNow({ household, now, energy, hub }) {
  write('household', household.name);
  const hour = Number(timeOf(now.at).slice(0, 2));
  write('greeting', said().greetings[hour < 12 ? 0 : hour < 17 ? 1 : 2]);
  write('clock', `${timeOf(now.at)}${hub.speed === 1 ? '' : ` · ${hub.speed}×`}`);
  find('pretend').hidden = !hub.pretend;

  const { surplusW, sunW, useW } = now;
  const share = surplusW === null ? 0 : Math.min(100, (100 * Math.abs(surplusW)) / fullRingW);
  find('ring').setAttribute('stroke-dasharray', `${share.toFixed(1)} 100`);
  // A round line of no length would still be a dot.
  find('ring').setAttribute('visibility', share < 1 ? 'hidden' : 'visible');
  find('ring').classList.toggle('taking', (surplusW ?? 0) < 0);
  write('surplus', surplusW === null ? '–' : kilo(Math.abs(surplusW)));
  write('direction', directionOf(surplusW));
  write('sun', sunW === null ? '–' : `${kilo(sunW)} kW`);
  write('use', useW === null ? '–' : `${kilo(useW)} kW`);
  write('spare', energyText(energy.spareWh));
  write('bought', energyText(energy.boughtWh));
  const [sells, buys] = [household.role !== 'buyer', household.role !== 'seller'];
  find('sun-line').hidden = !sells && sunW === null;
  find('spare-line').hidden = !sells;
  find('bought-line').hidden = !buys;
}

function directionOf(surplusW) {
  if (surplusW === null) return said().silent;
  if (Math.abs(surplusW) < evenW) return said().even;
  return surplusW > 0 ? said().giving : said().taking;
}

export function drawWallet({ wallet, household }) {
  write('wallet', shillings(wallet.walletCents));
  write('earnings', shillings(wallet.earningsCents));
  find('earnings-line').hidden = household.role === 'buyer' && wallet.earningsCents === 0;
  write('code', household.code);
  write('free', filled(said().free, { amount: shillings(wallet.freeCents) }));
  const asked = wallet.askedCents;
  const amount = { amount: shillings(asked ?? 0) };
  writeNote('asked', asked === null ? undefined : filled(said().asked, amount));
}

export function drawSums({ soldWh, soldCents, boughtWh, boughtCents, savedCents }) {
  const { sold, bought, saved, none } = said().sums;
  const parts = [
    soldWh > 0 && filled(sold, { energy: energyText(soldWh), amount: shillings(soldCents) }),
    boughtWh > 0 &&
      filled(bought, { energy: energyText(boughtWh), amount: shillings(boughtCents) }),
    boughtWh > 0 && savedCents > 0 && filled(saved, { amount: shillings(savedCents) }),
  ].filter(Boolean);
  write('sums', parts.length === 0 ? none : parts.join(' · '));
}

export function drawTrades({ trades, now }, all) {
  const shown = all ? trades : trades.slice(0, fewTrades);
  const rows = shown.map((trade) => tradeRow(trade, now.at));
  find('trades').replaceChildren(...rows);
  find('no-trades').hidden = trades.length > 0;
  find('more-trades').hidden = all || trades.length <= fewTrades;
}

/** What is under way is not sold yet. */
const titleOf = (side, state) => {
  if (['settled', 'closed'].includes(state)) return said()[side];
  return said().titles[['expired', 'undone'].includes(state) ? 'over' : 'open'][side];
};

function tradeRow({ side, state, energyWh, amountCents, at, steps, next }, now) {
  const row = find('trade').content.firstElementChild.cloneNode(true);
  const amount = { amount: shillings(amountCents) };
  row.querySelector('.title').textContent = `${titleOf(side, state)} ${energyText(energyWh)}`;
  row.querySelector('.amount').textContent = `KES ${amount.amount} · ${whenOf(at, now)}`;
  const line = (text, time, name) => {
    const item = document.createElement('li');
    item.className = name;
    const [what, when] = [document.createElement('span'), document.createElement('time')];
    what.textContent = text;
    when.textContent = time;
    item.append(what, when);
    return item;
  };
  const bad = new Set(['expired', 'undone', 'review']);
  row.querySelector('.steps').append(
    ...steps.map((done) => {
      const name = bad.has(done.step) ? 'halted' : 'done';
      return line(filled(said().steps[side][done.step] ?? '', amount), timeOf(done.at), name);
    }),
    ...(next === null ? [] : [line(filled(said().nexts[side][next] ?? '', amount), '', 'next')]),
  );
  return row;
}

export function drawAdvice({ advice, score, now }) {
  find('advice').hidden = advice === null && score === null;
  write('advice-words', advice === null ? '' : language === 'sw' ? advice.reasonSw : advice.reason);
  write('advice-when', advice === null ? '' : whenOf(advice.at, now.at));
  const isScored = score !== null && score.possibleCents > 0;
  find('score').hidden = !isScored;
  if (!isScored) return;
  const whole = (cents) => Math.round(cents / 100).toLocaleString('en');
  const figures = { gained: whole(score.gainedCents), possible: whole(score.possibleCents) };
  write('score-words', filled(said().scoreWords, { days: score.days, ...figures }));
  find('score-meter').value = Math.max(0, score.sharePercent ?? 0);
}

/** What flows put here is text, however it looks. */
export function drawCards({ cards }) {
  find('cards-card').hidden = cards.length === 0;
  find('cards').replaceChildren(
    ...cards.map(({ title, value, unit }) => {
      const [row, name, what] = ['div', 'dt', 'dd'].map((tag) => document.createElement(tag));
      const text = typeof value === 'number' ? value.toLocaleString('en') : value;
      name.textContent = title[language];
      what.textContent = unit === '' ? text : `${text} ${unit}`;
      row.append(name, what);
      return row;
    }),
  );
}

export function drawReceipts({ receipts, now }) {
  find('receipts-card').hidden = receipts.length === 0;
  find('receipts').replaceChildren(
    ...receipts.map(({ trade, at, energyWh, amountCents }) => {
      const [item, link] = [document.createElement('li'), document.createElement('a')];
      link.href = `/api/me/receipts/${encodeURIComponent(trade)}`;
      link.download = '';
      link.textContent = `${whenOf(at, now.at)} · ${energyText(energyWh)} · KES ${shillings(amountCents)}`;
      item.append(link);
      return item;
    }),
  );
}

export function drawSwitch({ rule, household }) {
  find('tonight').hidden = household.role === 'buyer';
  for (const choice of document.querySelectorAll('[name=tonight]'))
    choice.checked = choice.value === rule.tonight;
  write('tonight-note', said().tonightNotes[rule.tonight]);
}

const minuteText = (minute) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** What somebody is typing is left alone. */
export function drawSettings({ rule, order, household }) {
  for (const part of document.querySelectorAll('.seller')) part.hidden = household.role === 'buyer';
  for (const part of document.querySelectorAll('.buyer')) part.hidden = household.role === 'seller';
  if (find('settings-form').contains(document.activeElement)) return;
  find('reserve').value = String(rule.reserveWh / 1000);
  find('floor').value = String(rule.sellFloorCents / 100);
  find('buy').checked = order.buy;
  find('ceiling').value = String(order.ceilingCents / 100);
  find('day-most').value = String(Math.floor(order.dayMostCents / 100));
  find('block').value = String(order.blockCents / 100);
  find('ask-first').checked = rule.askFirst;
  for (const [id, minute] of [
    ['quiet-from', rule.quietFromMinute],
    ['quiet-until', rule.quietUntilMinute],
  ]) {
    const minutes = new Set([...Array(48).keys()].map((half) => half * 30).concat(minute));
    const options = [...minutes].sort((a, b) => a - b);
    find(id).replaceChildren(...options.map((one) => new Option(minuteText(one), String(one))));
    find(id).value = String(minute);
  }
}

/** What the form says now: the rule, and the order of those who buy. */
export function readSettings({ household }) {
  const scaled = (id, by) => Math.round(Number(find(id).value.replace(',', '.')) * by);
  const [sells, buys] = [household.role !== 'buyer', household.role !== 'seller'];
  const selling = {
    reserveWh: scaled('reserve', 1000),
    sellFloorCents: scaled('floor', 100),
    askFirst: find('ask-first').checked,
  };
  const quiet = {
    quietFromMinute: Number(find('quiet-from').value),
    quietUntilMinute: Number(find('quiet-until').value),
  };
  const order = {
    buy: find('buy').checked,
    ceilingCents: scaled('ceiling', 100),
    dayMostCents: scaled('day-most', 100),
    blockCents: scaled('block', 100),
  };
  return {
    rule: { ...(sells ? selling : {}), ...(buys ? quiet : {}) },
    order: buys ? order : undefined,
  };
}

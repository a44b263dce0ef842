/** Draws what the hub says to its keeper: what runs, how well, and how far it may go. */
import { words } from './keeper-words.js';
import { words as boardWords } from './words.js';

export const find = (id) => document.getElementById(id);
const store = window.localStorage;
let language = store.getItem('language') === 'sw' ? 'sw' : 'en';
export const said = () => words[language];
export const languageNow = () => language;

export function speak(next) {
  language = next;
  store.setItem('language', next);
}

export const filled = (text, figures) =>
  text.replace(/\{(\w+)\}/g, (_, name) => String(figures[name] ?? '–'));

export function write(id, text) {
  const place = find(id);
  if (place.textContent !== text) place.textContent = text;
}

export function writeNote(id, text) {
  find(id).hidden = text === undefined;
  write(id, text ?? '');
}

/** An element with text or other elements inside; nothing is ever read as HTML. */
export function make(tag, attributes, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false)
      made.setAttribute(name, value === true ? '' : value);
  made.append(...inside.filter((one) => one !== undefined && one !== ''));
  return made;
}

/** What the hub wrote for its log is English. */
export const inEnglish = (text) =>
  make('span', { class: 'quiet', lang: language === 'en' ? undefined : 'en' }, text);

export function drawWords() {
  document.documentElement.lang = language;
  document.title = `Jirani · ${said().title}`;
  for (const place of document.querySelectorAll('[data-word]'))
    place.textContent = said()[place.dataset.word];
  const other = find('language');
  other.textContent = said().otherLanguage;
  other.lang = language === 'en' ? 'sw' : 'en';
}

const clock = new Intl.DateTimeFormat('en-GB', {
  ...{ timeZone: 'Africa/Nairobi', day: 'numeric', month: 'numeric' },
  ...{ hour: '2-digit', minute: '2-digit' },
});
export const timeOf = (at) => clock.format(new Date(at)).replace(',', '');

export const shillings = (cents) =>
  (cents / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const wholeShillings = (cents) =>
  cents % 100 === 0 ? (cents / 100).toLocaleString('en') : shillings(cents);

export function drawRunning({ hub, market, payoutsPaused, pauses }, letGo) {
  write('hub', `${hub.name} · ${timeOf(hub.at)}${hub.speed === 1 ? '' : ` · ${hub.speed}×`}`);
  find('pretend').hidden = !hub.pretend;
  const rate = { rate: shillings(market.rateCents) };
  write('market', market.open ? filled(said().marketOpen, rate) : said().marketStopped);
  write('payouts', payoutsPaused ? said().payoutsStopped : said().payoutsGo);
  find('market').classList.toggle('ill', !market.open);
  find('payouts').classList.toggle('ill', payoutsPaused);
  const isStopped = !market.open || payoutsPaused;
  find('resume').hidden = !isStopped;
  find('pause').hidden = !market.open && payoutsPaused;
  const others = pauses.filter(({ cause, household }) => cause !== 'keeper' || household !== null);
  find('held').hidden = others.length === 0;
  find('held-list').replaceChildren(...others.map((pause) => heldRow(pause, letGo)));
}

function heldRow({ cause, household, why, since }, letGo) {
  const button = make('button', { type: 'button' }, said().letGo);
  button.addEventListener('click', () => letGo(household));
  return make(
    'li',
    {},
    make('p', {}, make('b', {}, household ?? said().everybody), ` · ${timeOf(since)}`),
    make('p', {}, said().causes[cause] ?? cause),
    make('p', {}, inEnglish(why)),
    button,
  );
}

const stateWords = (state) => boardWords[language].states[state] ?? state;
const modeWords = (name, mode) =>
  boardWords[language].modes[`${name}.${mode}`] ?? boardWords[language].modes[mode] ?? mode;

export function drawHealth({ integrations, payments }) {
  find('health').replaceChildren(
    ...Object.entries(integrations).map(([name, { mode, state, detail }]) =>
      make(
        'li',
        { class: mode === 'off' ? 'off' : state === 'ok' ? 'ok' : 'bad' },
        make(
          'p',
          {},
          make('b', {}, boardWords[language].parts[name] ?? name),
          ` · ${modeWords(name, mode)}`,
        ),
        make('p', { class: 'state' }, mode === 'off' ? '' : stateWords(state)),
        detail === '' ? undefined : make('p', {}, inEnglish(detail)),
      ),
    ),
  );
  write('promise', `${payments.confirmed} → ${payments.credited}`);
}

/** Integrations that are not well, and differences that the hub found. */
export function drawAlerts({ integrations }, alarms, { pauses, meterKeys }) {
  const ill = Object.entries(integrations).filter(
    ([, { mode, state }]) => mode !== 'off' && !['ok', 'unknown', 'starting'].includes(state),
  );
  const rows = [
    ...ill.map(([name, { state, detail }]) => [
      `${boardWords[language].parts[name] ?? name}: ${stateWords(state)}`,
      detail,
    ]),
    ...alarms.map(({ at, words: text }) => [`${said().kinds.alarm} · ${timeOf(at)}`, text]),
    ...pauses
      .filter(({ cause, household }) => household === null && cause !== 'keeper')
      .map(({ cause, why }) => [said().causes[cause] ?? cause, why]),
    ...meterKeys.map(({ meter, counts, offered }) => [
      filled(said().meterKey, { meter }),
      `${counts} → ${offered}: meters trust-key ${meter} ${offered}`,
    ]),
  ];
  find('no-alerts').hidden = rows.length > 0;
  find('alerts').replaceChildren(
    ...rows.map(([title, text]) =>
      make(
        'li',
        { class: 'bad' },
        make('p', {}, make('b', {}, title)),
        make('p', {}, inEnglish(text)),
      ),
    ),
  );
}

/** A value of a limit, as a person says it. */
export function amountOf(unit, value) {
  if (unit === 'Wh') return filled(said().kwh, { amount: (value / 1000).toLocaleString('en') });
  if (unit === 'cents') return filled(said().kes, { amount: wholeShillings(value) });
  return filled(said().perKwh, { amount: shillings(value) });
}

/** What somebody is moving is left alone. */
export function drawLimits({ limits }) {
  if (find('limits').contains(document.activeElement)) return;
  find('sliders').replaceChildren(...limits.map(sliderOf));
}

function sliderOf({ name, unit, least, most, step, now, value, begins, fixedBy }) {
  const id = `limit-${name}`;
  const output = make('output', { for: id });
  const slider = make('input', {
    ...{ id, type: 'range', min: least, max: most, step, 'data-limit': name, 'data-was': value },
    disabled: fixedBy !== null,
  });
  slider.value = value;
  const show = () => {
    // A slider knows only its own steps: a value between them is shown as it is until it is moved.
    const text = amountOf(unit, slider.dataset.moved === undefined ? value : Number(slider.value));
    output.textContent = text;
    slider.setAttribute('aria-valuetext', text);
  };
  slider.addEventListener('input', () => {
    slider.dataset.moved = 'yes';
    show();
  });
  show();
  const when = [
    said().begins[begins],
    now === value ? '' : filled(said().until, { now: amountOf(unit, now) }),
  ];
  const note =
    fixedBy === null ? when.filter(Boolean).join(', ') : filled(said().fixed, { name: fixedBy });
  return make(
    'div',
    {},
    make('div', { class: 'row' }, make('label', { for: id }, said().limitNames[name]), output),
    slider,
    make('p', { class: 'quiet' }, note),
  );
}

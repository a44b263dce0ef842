/** Who lives here, and the ways in: QR codes, PINs and meters, each secret shown once. */
import { filled, find, languageNow, make, said, write, writeNote } from './keeper-draw.js';

const space = 'http://www.w3.org/2000/svg';
const minuteMs = 60_000;
let drawn = '';

/** Dark modules as one path; a QR code is dark on light by night too. */
function qrPicture(rows) {
  const picture = document.createElementNS(space, 'svg');
  picture.setAttribute('viewBox', `0 0 ${rows.length} ${rows.length}`);
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', said().qrAlt);
  picture.setAttribute('shape-rendering', 'crispEdges');
  const dots = rows.flatMap((row, y) =>
    [...row].flatMap((dot, x) => (dot === '1' ? [`M${x} ${y}h1v1h-1z`] : [])),
  );
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', dots.join(''));
  picture.append(path);
  return picture;
}

function show({ text, qr, facts = [], warning }) {
  write('shown-words', text);
  find('shown-qr').replaceChildren(...(qr === undefined ? [] : [qrPicture(qr)]));
  find('shown-facts').replaceChildren(
    ...facts.map(([name, value]) =>
      make('div', {}, make('dt', {}, name), make('dd', { translate: 'no' }, value)),
    ),
  );
  writeNote('shown-warning', warning);
  find('shown').showModal();
}

/** What was shown once is gone from the page too. */
function forget() {
  write('shown-words', '');
  find('shown-qr').replaceChildren();
  find('shown-facts').replaceChildren();
}

const place = (household) => `/api/keeper/households/${encodeURIComponent(household)}`;

async function showCode(tell, { id, name }) {
  const { link, qr, expiresInMs, reachable } = await tell(`${place(id)}/code`, 'POST');
  const text = filled(said().qrSignIn, { name, minutes: Math.floor(expiresInMs / minuteMs) });
  const warning = reachable ? undefined : said().notReachable;
  show({ text, qr, warning, facts: [['', link]] });
}

async function showPin(tell, { id, name }) {
  const { pin } = await tell(`${place(id)}/pin`, 'POST');
  show({ text: filled(said().pinIs, { name }), facts: [['PIN', pin]] });
}

async function showMeter(tell, household, where) {
  const body = { household: household.id, place: where };
  const { meterId, username, password, claim, qr } = await tell('/api/keeper/meters', 'POST', body);
  const facts = [
    [said().user, username],
    [said().password, password],
    [said().claim, claim],
  ];
  show({ text: filled(said().meterIs, { meter: meterId }), qr, facts });
}

const meterText = ({ id, place: where, online }) =>
  `${id} · ${said().places[where]} · ${online ? said().online : said().offline}`;

function personOf(household, act) {
  const { id, name, role, phone, code, meters } = household;
  const has = (where) => meters.some(({ place: one }) => one === where);
  const button = (word, does) => {
    const made = make('button', { type: 'button' }, said()[word]);
    made.addEventListener('click', () => act(does));
    return made;
  };
  return make(
    'details',
    { class: 'do', 'data-id': id },
    make('summary', {}, make('span', {}, name)),
    make('p', { class: 'quiet' }, `${id} · ${phone} · ${said().roles[role]}`),
    make('p', { class: 'quiet' }, filled(said().code, { code })),
    ...(meters.length === 0
      ? [make('p', { class: 'quiet' }, said().noMeter)]
      : meters.map((meter) => make('p', { class: 'quiet' }, meterText(meter)))),
    make(
      'div',
      { class: 'pair' },
      button('signInCode', (tell) => showCode(tell, household)),
      button('newPin', (tell) => showPin(tell, household)),
      has('grid') ? undefined : button('meterGrid', (tell) => showMeter(tell, household, 'grid')),
      has('pv') || role === 'buyer'
        ? undefined
        : button('meterPv', (tell) => showMeter(tell, household, 'pv')),
    ),
  );
}

/** Drawn anew only when something changed; what was unfolded stays so. */
export function drawPeople({ households }, act) {
  const now = JSON.stringify([households, languageNow()]);
  if (now === drawn) return;
  drawn = now;
  const open = [...find('people').querySelectorAll('details[open]')].map(
    ({ dataset }) => dataset.id,
  );
  const people = households.map((one) => personOf(one, act));
  for (const one of people) one.open = open.includes(one.dataset.id);
  find('people').replaceChildren(...people);
  for (const [id, table] of [
    ['new-role', said().roles],
    ['new-language', said().languages],
  ]) {
    const chosen = find(id).value;
    find(id).replaceChildren(
      ...Object.entries(table).map(([value, text]) => new Option(text, value)),
    );
    if (chosen !== '') find(id).value = chosen;
  }
}

/** `attempt(act)` runs what is asked of the hub, and says what went wrong. */
export function listenToEnrolment(attempt) {
  find('enrol-form').addEventListener('submit', (event) => {
    event.preventDefault();
    void attempt(async (tell) => {
      const value = (name) => find(`new-${name}`).value;
      const body = Object.fromEntries(
        ['id', 'name', 'phone', 'role', 'language'].map((name) => [name, value(name)]),
      );
      const { name, code } = await tell('/api/keeper/households', 'POST', body);
      find('enrol-form').reset();
      find('enrol').open = false;
      writeNote('people-note', filled(said().enrolled, { name, code }));
    });
  });
  find('shown-close').addEventListener('click', () => find('shown').close());
  find('shown').addEventListener('close', forget);
}

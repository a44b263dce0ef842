/** What waits for a person, each with what that person may decide. */
import { filled, find, inEnglish, make, said, shillings, timeOf } from './keeper-draw.js';

/** Differences that end when a person has looked; the others end with what is decided about them. */
const lookedInto = ['amount', 'gap', 'misplaced', 'missing', 'push'];
let drawn = '';

/** The end of a long id tells it from its neighbours. */
const short = (id) => (id.length > shownMost ? `…${id.slice(-6)}` : id);
const shownMost = 12;

/** Whether a person has something to say about a difference; the others are only told. */
export const isDecided = ({ kind }) => kind === 'balance' || lookedInto.includes(kind);

const path = (...parts) => `/api/money/${parts.map(encodeURIComponent).join('/')}`;
const kes = (cents) => filled(said().kes, { amount: shillings(cents) });

/** One thing that waits: what it is, what is known of it, and a form with the decisions. */
function card({ kind, id, at, title, text, fields = [], acts }) {
  const form = make('form', { class: 'decide' }, ...fields);
  const buttons = acts.map(([word, address, needs]) => {
    const button = make('button', { type: 'submit' }, said()[word]);
    Object.assign(button.dataset, { address, needs: needs ? 'fields' : '' });
    // What is not needed for this answer must not stand in its way.
    if (!needs) button.formNoValidate = true;
    return button;
  });
  form.append(make('div', { class: 'pair' }, ...buttons));
  return make(
    'li',
    { 'data-kind': kind, 'data-id': id },
    make('p', {}, make('b', {}, said().kinds[kind])),
    make('p', {}, [title, timeOf(at)].filter(Boolean).join(' · ')),
    text === '' ? undefined : make('p', {}, inEnglish(text)),
    acts.length === 0 ? undefined : form,
  );
}

function textField(name, id) {
  const input = make('input', { ...{ name, maxlength: 32, autocomplete: 'off' }, required: true });
  return make('label', {}, `${said()[name]} (${short(id)})`, input);
}

function householdField(households, payment) {
  const options = households.map(({ id, name }) => new Option(name, id));
  const choice = make(
    'select',
    { name: 'household', required: true },
    new Option('', ''),
    ...options,
  );
  return make('label', {}, `${said().household} (${payment})`, choice);
}

const ofTopup = ({ id, household, at, amountCents, words: text }) =>
  card({
    ...{ kind: 'topup', id, at, text, title: `${household} · ${kes(amountCents)}` },
    fields: [textField('receipt', id)],
    acts: [
      ['wasNotPaid', path('topups', id, 'deny'), false],
      ['wasPaid', path('topups', id, 'confirm'), true],
    ],
  });

const ofSuspense =
  (households) =>
  ({ receipt, at, amountCents, reference, phone, words: text }) =>
    card({
      ...{ kind: 'suspense', id: receipt, at, text },
      title: [receipt, kes(amountCents), phone, reference].filter(Boolean).join(' · '),
      fields: [householdField(households, receipt)],
      acts: [
        ['giveBack', path('payments', receipt, 'reverse'), false],
        ['giveTo', path('payments', receipt, 'assign'), true],
      ],
    });

const ofHint = ({ receipt, at, amountCents, words: text }) =>
  card({
    kind: 'hint',
    id: receipt,
    at,
    text,
    title: `${receipt} · ${kes(amountCents)}`,
    acts: [],
  });

const ofOut = ({ id, kind, household, at, amountCents, detail }) =>
  card({
    ...{ kind, id, at, text: detail },
    title: [household, kes(amountCents)].filter(Boolean).join(' · '),
    fields: kind === 'reversal' ? [] : [textField('transaction', id)],
    acts: [
      ['itDidNot', path('out', id, 'failed'), false],
      ['itWent', path('out', id, 'went'), true],
    ],
  });

function ofAlarm({ kind, subject, at, words: text }) {
  const looked = lookedInto.includes(kind)
    ? [['looked', path('alarms', subject, 'checked'), false]]
    : [];
  const balance =
    kind === 'balance' ? [['acceptBalance', path('all', 'accept-balance'), false]] : [];
  return card({ kind: 'alarm', id: subject, at, text, title: '', acts: [...looked, ...balance] });
}

const ofTrade = ({ id, seller, buyer, amountCents, at, why }) =>
  card({
    ...{ kind: 'trade', id, at, text: why, acts: [] },
    title: `${seller} → ${buyer} · ${kes(amountCents)} · ${said().tradeNote}`,
  });

/** Drawn anew only when something changed and nobody is writing. */
export function drawReviews(reviews, { households, tradesInReview }) {
  const now = JSON.stringify([reviews, households, tradesInReview, said().reviews]);
  if (now === drawn || find('reviews').contains(document.activeElement)) return;
  drawn = now;
  const cards = [
    ...reviews.topups.map(ofTopup),
    ...reviews.suspense.map(ofSuspense(households)),
    ...reviews.out.map(ofOut),
    ...reviews.alarms.filter(isDecided).map(ofAlarm),
    ...reviews.hints.map(ofHint),
    ...tradesInReview.map(ofTrade),
  ];
  find('no-reviews').hidden = cards.length > 0;
  find('reviews').replaceChildren(...cards);
}

/** `decide(address, body)` resolves when the hub has taken it. */
export function listenToReviews(decide) {
  find('reviews').addEventListener('submit', async (event) => {
    event.preventDefault();
    const { target: form, submitter } = event;
    const { address, needs } = submitter.dataset;
    const body = needs === '' ? {} : Object.fromEntries(new FormData(form));
    for (const button of form.querySelectorAll('button')) button.disabled = true;
    submitter.blur();
    await decide(address, body);
    for (const button of form.querySelectorAll('button')) button.disabled = false;
  });
}

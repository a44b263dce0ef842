/** The keeper's page: asks the hub, draws the answers, and passes on what the keeper decides. */
import {
  drawAlerts,
  drawHealth,
  drawLimits,
  drawRunning,
  drawWords,
  filled,
  find,
  languageNow,
  said,
  speak,
  write,
  writeNote,
} from './keeper-draw.js';
import { drawPeople, listenToEnrolment } from './keeper-enrol.js';
import { drawReviews, isDecided, listenToReviews } from './keeper-reviews.js';

const lookEveryMs = 10_000;
const settleMs = 1_000;

/** The last answers; undefined while nobody is signed in. */
let known;
let linked = false;
let feed;
let noted;

function draw() {
  drawWords();
  write('link', linked ? said().live : said().lost);
  find('link').classList.toggle('on', linked);
  find('keeper').hidden = known === undefined;
  find('sign-out').hidden = known === undefined;
  writeNote('note', noted?.());
  if (known === undefined) return;
  const { keeper, status, reviews } = known;
  drawRunning(keeper, letGo);
  drawHealth(status);
  drawAlerts(
    status,
    reviews.alarms.filter((alarm) => !isDecided(alarm)),
    keeper,
  );
  drawReviews(reviews, keeper);
  drawLimits(keeper);
  drawPeople(keeper, attempt);
  drawEditor(keeper);
}

/** By another name than this page's: cookies know no port, and the editor shall not get the keeper's. */
function drawEditor({ editorPort }) {
  find('editor').hidden = editorPort === null;
  if (editorPort === null) return;
  const host = location.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
  find('editor-link').href = `http://${host}:${editorPort}/red/`;
  const isHere = ['localhost', '127.0.0.1'].includes(location.hostname);
  const way = { port: editorPort, host: location.hostname };
  writeNote('editor-far', isHere ? undefined : filled(said().editorFar, way));
}

function showGate(why) {
  known = undefined;
  feed?.close();
  feed = undefined;
  find('gate').hidden = false;
  writeNote('gate-note', why);
  draw();
}

async function ask(path, options) {
  const response = await fetch(path, { cache: 'no-store', ...options });
  const body = await response.json();
  if (response.ok) return body;
  throw Object.assign(new Error(body.title), { status: response.status, detail: body.detail });
}

const tell = (path, method, body = {}) =>
  ask(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function look() {
  try {
    const [keeper, status, reviews] = await Promise.all(
      ['/api/keeper', '/api/status', '/api/money/reviews'].map((path) => ask(path)),
    );
    known = { keeper, status, reviews };
    linked = true;
    find('gate').hidden = true;
    listen();
    draw();
  } catch (error) {
    linked = error.status !== undefined;
    if (error.status === 401) showGate();
    else draw();
  }
}

let lookComes = false;
function lookSoon() {
  if (lookComes) return;
  lookComes = true;
  setTimeout(() => {
    lookComes = false;
    if (known !== undefined) void look();
  }, settleMs);
}

const telling = [
  ...['slot.closed', 'payouts.paused', 'payouts.resumed', 'payout.unsure', 'payout.failed'],
  ...['topup.unsure', 'topup.confirmed', 'reversal.unsure', 'tokens.unclear', 'round.cleared'],
];

function listen() {
  if (feed !== undefined) return;
  feed = new EventSource('/api/events');
  for (const name of telling) feed.addEventListener(name, lookSoon);
  feed.addEventListener('open', lookSoon);
  feed.addEventListener('error', () => {
    linked = false;
    draw();
  });
}

const problemText = ({ status, detail }) => {
  if (status === undefined) return said().noAnswer;
  return status === 429 ? said().tooOften : filled(said().problem, { detail });
};

/** Whatever is asked of the hub: what it answers is said at the top, and everything is looked at anew. */
async function attempt(act) {
  try {
    const did = await act(tell);
    // The hub's sentence is English; silence is enough where the page shows the change.
    noted = did === undefined ? undefined : () => did;
  } catch (error) {
    if (error.status === 401) return showGate();
    noted = () => problemText(error);
  }
  await look();
}

const letGo = (household) =>
  void attempt(async () => {
    const body = household === null ? {} : { household };
    await tell('/api/money/all/resume', 'POST', body);
  });

/** The collar is moved outwards first, so that it is one at every moment. */
function inOrder(moved) {
  const rank = ({ dataset, value }) => {
    const { limit, was } = dataset;
    if (limit === 'rate') return 2;
    return (limit === 'cap') === Number(value) > Number(was) ? 0 : 1;
  };
  return moved.toSorted((one, other) => rank(one) - rank(other));
}

async function saveLimits() {
  const sliders = [...find('sliders').querySelectorAll('input')];
  const moved = sliders.filter(({ dataset, value }) => dataset.moved && value !== dataset.was);
  if (moved.length === 0) return writeNote('limits-note', said().unchanged);
  try {
    for (const { dataset, value } of inOrder(moved))
      await tell(`/api/keeper/limits/${dataset.limit}`, 'PUT', { value: Number(value) });
    writeNote('limits-note', said().saved);
    document.activeElement?.blur();
  } catch (error) {
    writeNote('limits-note', problemText(error));
  }
  await look();
}

async function signIn() {
  const field = find('token');
  const token = field.value;
  field.value = '';
  try {
    await tell('/api/keeper/session', 'POST', { token });
    writeNote('gate-note', undefined);
    await look();
  } catch (error) {
    const texts = { 401: said().wrong, 429: filled(said().wait, { seconds: 60 }) };
    writeNote('gate-note', texts[error.status] ?? said().noAnswer);
  }
}

function onSubmit(id, act) {
  find(id).addEventListener('submit', (event) => {
    event.preventDefault();
    void act();
  });
}

find('language').addEventListener('click', () => {
  speak(languageNow() === 'en' ? 'sw' : 'en');
  draw();
});
onSubmit('sign-in', signIn);
onSubmit('limits', saveLimits);
onSubmit('pause-form', () =>
  attempt(async () => {
    await tell('/api/keeper/pause', 'POST', { reason: find('pause-reason').value });
    find('pause').open = false;
    find('pause-form').reset();
  }),
);
find('resume').addEventListener('click', () =>
  attempt(async () => {
    await tell('/api/keeper/resume', 'POST');
  }),
);
find('compare').addEventListener('click', () =>
  attempt(async () => {
    find('compare').disabled = true;
    try {
      await tell('/api/money/reconcile', 'POST');
    } finally {
      find('compare').disabled = false;
    }
    return said().compared;
  }),
);
listenToReviews((address, body) =>
  attempt(async () => {
    await tell(address, 'POST', body);
  }),
);
listenToEnrolment(attempt);
find('sign-out').addEventListener('click', async () => {
  await ask('/api/keeper/session', { method: 'DELETE' }).catch(() => {});
  showGate();
});

async function begin() {
  draw();
  const session = await ask('/api/keeper/session').catch(() => undefined);
  if (session?.signedIn === false) showGate();
  else await look();
}

void begin();
setInterval(() => {
  if (known !== undefined && !document.hidden) void look();
}, lookEveryMs);

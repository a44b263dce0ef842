/** Signing in: with phone and PIN, or with the code behind the # of a scanned address. */
import { words } from './home-words.js';

const find = (id) => document.getElementById(id);
const store = window.localStorage;
let language = store.getItem('language') === 'sw' ? 'sw' : 'en';
const said = () => words[language];

/** What is said now, so that it changes with the language. */
let noted;

function draw() {
  document.documentElement.lang = language;
  for (const place of document.querySelectorAll('[data-word]'))
    place.textContent = said()[place.dataset.word];
  find('language').textContent = said().otherLanguage;
  find('language').lang = language === 'en' ? 'sw' : 'en';
  find('note').hidden = noted === undefined;
  find('note').textContent = noted === undefined ? '' : noted();
}

function note(words) {
  noted = words;
  draw();
}

async function signIn(body) {
  const button = document.querySelector('button.main');
  button.disabled = true;
  try {
    const response = await fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.ok) return location.replace('/');
    const seconds = response.headers.get('retry-after') ?? '60';
    if (response.status === 429) note(() => said().wait.replace('{seconds}', seconds));
    else note(() => ('code' in body ? said().codeOver : said().wrong));
  } catch {
    note(() => said().noAnswer);
  }
  button.disabled = false;
}

find('language').addEventListener('click', () => {
  language = language === 'en' ? 'sw' : 'en';
  store.setItem('language', language);
  draw();
});
find('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  void signIn({ phone: find('phone').value, pin: find('pin').value });
});

draw();
const code = location.hash.slice(1);
if (code !== '') {
  // The code works once, and has no place in the history of a shared phone.
  history.replaceState(null, '', '/sign-in');
  void signIn({ code });
}

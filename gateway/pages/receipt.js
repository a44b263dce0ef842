/** The page on which anybody checks a receipt; nothing that is pasted leaves the browser. */
import { checkChain, checkTree, readReceipt } from './receipt-check.js';

const words = {
  en: {
    other: 'Kiswahili',
    title: 'Check a receipt',
    what: 'Your phone checks it by itself: the hub is not asked.',
    open: 'Open the file',
    paste: 'or paste it here',
    node: 'A Solana node that you trust (its address)',
    check: 'Check',
    unreadable: 'This is not a receipt of this kind.',
    treeWrong: 'WRONG: the receipt does not belong to this root. Somebody changed it.',
    treeGood: 'The receipt is in the tree of its day.',
    good: 'The root and the transfer are on the chain.',
    wrong: 'WRONG: the chain says something else.',
    'not-yet': 'NOT CHECKED: the root was not on the chain yet when the file was made.',
    unknown: 'NOT CHECKED: this node does not know the transactions.',
    'other-chain': 'NOT CHECKED: this node serves another chain.',
    away: 'NOT CHECKED: the node does not answer.',
    alone: 'NOT CHECKED: the chain. Give a node, or look this transaction up in any explorer:',
    mustSay: 'Its memo must be, letter by letter:',
    signedBy: 'and its fee payer must be:',
  },
  sw: {
    other: 'English',
    title: 'Hakiki risiti',
    what: 'Simu yako inahakiki yenyewe: kituo hakiulizwi.',
    open: 'Fungua faili',
    paste: 'au ibandike hapa',
    node: 'Nodi ya Solana unayoiamini (anwani yake)',
    check: 'Hakiki',
    unreadable: 'Hii si risiti ya aina hii.',
    treeWrong: 'SI SAHIHI: risiti hii si ya mzizi huu. Kuna aliyeibadilisha.',
    treeGood: 'Risiti imo kwenye mti wa siku yake.',
    good: 'Mzizi na uhamisho vimo kwenye mnyororo.',
    wrong: 'SI SAHIHI: mnyororo unasema kingine.',
    'not-yet': 'HAIJAHAKIKIWA: mzizi haukuwa kwenye mnyororo bado faili ilipotengenezwa.',
    unknown: 'HAIJAHAKIKIWA: nodi hii haijui miamala hii.',
    'other-chain': 'HAIJAHAKIKIWA: nodi hii ni ya mnyororo mwingine.',
    away: 'HAIJAHAKIKIWA: nodi haijibu.',
    alone: 'HAIJAHAKIKIWA: mnyororo. Toa nodi, au tafuta muamala huu kwenye explorer yoyote:',
    mustSay: 'Memo yake lazima iwe, herufi kwa herufi:',
    signedBy: 'na mlipaji wa ada lazima awe:',
  },
};

const find = (id) => document.getElementById(id);
const fileBytesMax = 65_536;
let language = localStorage.getItem('language') === 'sw' ? 'sw' : 'en';

function speak() {
  document.documentElement.lang = language;
  find('language').textContent = words[language].other;
  find('language').lang = language === 'en' ? 'sw' : 'en';
  for (const element of document.querySelectorAll('[data-say]'))
    element.textContent = words[language][element.dataset.say];
}

function say(kind, line) {
  const paragraph = document.createElement('p');
  paragraph.className = kind;
  paragraph.textContent = line;
  find('verdict').append(paragraph);
}

async function check() {
  find('verdict').replaceChildren();
  const said = words[language];
  const file = readReceipt(find('text').value);
  if (file === undefined) return say('wrong', said.unreadable);
  if (!(await checkTree(file))) return say('wrong', said.treeWrong);
  say('good', said.treeGood);
  const { memo, memoSignature, hub } = file.chain;
  const url = find('node').value.trim();
  if (url === '' && memoSignature !== null) {
    for (const line of [said.alone, memoSignature, said.mustSay, memo, said.signedBy, hub])
      say('quiet', line);
    return;
  }
  const found = await checkChain(file, url);
  say(found === 'good' || found === 'wrong' ? found : 'quiet', said[found]);
}

find('check').addEventListener('click', check);
find('file').addEventListener('change', async ({ target }) => {
  const [chosen] = target.files;
  if (chosen === undefined || chosen.size > fileBytesMax) return;
  find('text').value = await chosen.text();
  await check();
});
find('language').addEventListener('click', () => {
  language = language === 'en' ? 'sw' : 'en';
  localStorage.setItem('language', language);
  speak();
});
speak();

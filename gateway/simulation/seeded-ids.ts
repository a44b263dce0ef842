/** Names that are the same in every run: only for simulation, where nobody guesses them. */
import { digestOf, hashOf } from '../adapters/ids/ids.ts';
import type { Ids } from '../ports/ids.ts';

const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** They count up, and sort by time as ULIDs do. */
export function seededIds(now: () => number): Ids {
  let [made, tokens, ms, head] = [0, 0, -1, ''];
  return {
    fresh: () => {
      if (now() !== ms) {
        ms = now();
        head = encode(ms, 10);
      }
      made += 1;
      return head + encode(made, 16);
    },
    callbackToken: () => {
      tokens += 1;
      const token = tokens.toString(16).padStart(32, '0');
      return { token, hash: hashOf(token) };
    },
    digest: digestOf,
    mark: (text) => hashOf(`mark|${text}`).slice(0, 32),
    payoutConversation: (household, sequence) =>
      `J${hashOf(`${household}|${sequence}`).slice(0, 17)}`,
  };
}

function encode(value: number, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32))
    text = `${letters[rest % 32]}${text}`;
  return text;
}

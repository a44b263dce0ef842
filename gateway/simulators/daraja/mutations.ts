/** How a callback may be changed on its way, by a clumsy gateway or by somebody who wants money. */
/**
 * `amount`: one shilling more. `code-turned`: success told as failure, or failure as success. `code-text`: the
 * code as a string. `other-id`: another payment's id. `items-reordered`, `items-repeated`, `item-added`,
 * `balance-empty`, `balance-absent`, `phone-masked`, `phone-hashed`, `phone-absent`: a push's metadata otherwise.
 * `duplicate-code`: the code twice, first 1032. `truncated`: half of the text.
 */
export const mutations = [
  'amount',
  'code-turned',
  'code-text',
  'other-id',
  'items-reordered',
  'items-repeated',
  'item-added',
  'balance-empty',
  'balance-absent',
  'phone-masked',
  'phone-hashed',
  'phone-absent',
  'duplicate-code',
  'truncated',
] as const;
export type Mutation = (typeof mutations)[number];

const codePattern = /"ResultCode":"?([^,"}]+)"?/;
const amountPattern =
  /("Name":"Amount","Value":|"Key":"(?:Transaction)?Amount","Value":|"TransAmount":")(\d+)/;
const idPattern = /("(?:CheckoutRequestID|ConversationID|TransID)":")([^"]+)(.)"/;
const itemsPattern = /("Item":)(\[.*\])(\})/;
const balancePattern = /\{"Name":"Balance"[^}]*\}/;
const phonePattern = /("Name":"PhoneNumber","Value":)(\d+)/;

type Change = (text: string) => string;

/** Everything happens on the text, because a parsed `37.00` would be written as `37`. */
const changes: Readonly<Record<Mutation, Change>> = {
  amount: (text) =>
    text.replace(amountPattern, (_all, before, whole) => `${before}${Number(whole) + 1}`),
  'code-turned': (text) =>
    text.replace(codePattern, (_all, code) => `"ResultCode":${code === '0' ? 1032 : 0}`),
  'code-text': (text) => text.replace(codePattern, '"ResultCode":"$1"'),
  'other-id': (text) =>
    text.replace(idPattern, (_all, before, id, last) => `${before}${id}${last === '0' ? 1 : 0}"`),
  'items-reordered': onItems((items) => items.reverse()),
  'items-repeated': onItems((items) => [...items, ...items]),
  'item-added': onItems((items) => [{ Name: 'Unexpected', Value: 'yes' }, ...items]),
  'balance-empty': (text) => text.replace(balancePattern, '{"Name":"Balance","Value":""}'),
  'balance-absent': onItems((items) => items.filter(({ Name }) => Name !== 'Balance')),
  'phone-masked': (text) =>
    text.replace(
      phonePattern,
      (_all, before, phone) => `${before}"${phone.slice(0, 4)} ***** ${phone.slice(-3)}"`,
    ),
  'phone-hashed': (text) => text.replace(phonePattern, `$1"${'5f0c2a9e'.repeat(8)}"`),
  'phone-absent': onItems((items) => items.filter(({ Name }) => Name !== 'PhoneNumber')),
  'duplicate-code': (text) => text.replace(codePattern, '"ResultCode":1032,$&'),
  truncated: (text) => text.slice(0, Math.floor(text.length / 2)),
};

/** The changed text of a callback; the same text where the change finds nothing to change. */
export const mutated = (text: string, mutation: Mutation): string => changes[mutation](text);

/** One of those that change this text; `share` from 0 to below 1 chooses. */
export function anyMutation(text: string, share: number): Mutation {
  const effective = mutations.filter((mutation) => mutated(text, mutation) !== text);
  return effective[Math.floor(share * effective.length)] ?? 'truncated';
}

type Item = { readonly Name: string; readonly Value?: unknown };
/** Keeps the amount's two decimals, which parsing loses. */
function onItems(change: (items: Item[]) => Item[]): Change {
  return (text) =>
    text.replace(itemsPattern, (_all, before, items, after) => {
      const quoted = items.replace(/"Value":(\d+\.\d\d)/, '"Value":"=$1="');
      const changed = JSON.stringify(change(JSON.parse(quoted) as Item[]));
      return `${before}${changed.replace(/"=(\d+\.\d\d)="/g, '$1')}${after}`;
    });
}

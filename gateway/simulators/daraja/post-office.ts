/** Where M-Pesa's callbacks leave: once each, unless a fault or somebody at the control table wants it otherwise. */
import type { Courier, Delivery } from './courier.ts';
import type { CallbackFault, FaultDesk, LetterKind } from './faults.ts';
import { anyMutation, type Mutation, mutated } from './mutations.ts';
import type { Dice } from './random.ts';
import type { Timetable } from './timetable.ts';

/** Letters that are remembered, so that they can be looked at and sent again. */
const lettersMax = 1_000;
/** A letter that waits for the next one to overtake it goes after this neighbourhood time all the same. */
const overtakenMs = 60_000;
/** How long a shop may think about a payment (Daraja, C2B: about 8 s), in machine ms. */
const validationMs = 8_000;

export type Letter = {
  readonly kind: LetterKind;
  /** A secret between hub and M-Pesa: the control table never shows it. */
  readonly url: string;
  /** The phone that it concerns; the fault dice throw for each one apart. */
  readonly about: string;
  readonly body: object;
  /** How often it is sent when no fault says otherwise (1). */
  readonly copies?: number;
};

/** What the control table shows of a letter. */
export type SentLetter = {
  readonly id: number;
  readonly kind: LetterKind;
  readonly body: object;
  /** What happened to it on purpose. */
  readonly fault: string | undefined;
  /** HTTP status of each delivery so far; 0 where nobody answered. */
  readonly answers: readonly number[];
};

/** How a remembered letter is sent once more. */
export type Replay = {
  readonly mutation?: Mutation | undefined;
  /** Instead of what the letter said. */
  readonly body?: object | undefined;
  readonly copies?: number | undefined;
};

export type PostOffice = {
  /** Resolves when the letter was delivered, lost or put aside; never rejects. */
  send(letter: Letter): Promise<void>;
  /** Sends and waits for what the receiver says. Never rejects. */
  ask(letter: Letter): Promise<Delivery>;
  list(): SentLetter[];
  /** Sends a letter again and tells the HTTP statuses; undefined when no such letter is remembered. */
  replay(id: number, how: Replay): Promise<readonly number[] | undefined>;
  isEarly: FaultDesk['isEarly'];
};

type Needs = {
  readonly courier: Courier;
  readonly faults: FaultDesk;
  readonly timetable: Timetable;
  readonly dice: Dice;
};

type Kept = Letter & {
  readonly id: number;
  fault: string | undefined;
  readonly answers: number[];
};

/** How one delivery differs from the letter. */
type Change = { readonly url?: string; readonly text?: string; readonly copies?: number };

const textOf = ({ body }: Letter): string => JSON.stringify(body);

/** Opens the post office. */
export function openPostOffice(needs: Needs): PostOffice {
  const { courier, faults, timetable, dice } = needs;
  const shelf = openShelf();
  let overtaken: (() => void) | undefined;

  async function deliver(letter: Kept, change: Change = {}): Promise<readonly number[]> {
    const { url, copies = 1, text = textOf(letter) } = { ...letter, ...change };
    const all = await Promise.all(Array.from({ length: copies }, () => courier.carry(url, text)));
    const answers = all.map(({ status }) => status);
    letter.answers.push(...answers);
    return answers;
  }

  async function send(letter: Letter): Promise<void> {
    const before = overtaken;
    overtaken = undefined;
    await dispatch(shelf.keep(letter));
    before?.();
  }

  async function dispatch(letter: Kept): Promise<void> {
    const fault = faults.takeForLetter(letter.kind, letter.about);
    if (fault === undefined) return void (await deliver(letter));
    letter.fault = fault.kind;
    if (fault.kind === 'callbackLate') timetable.after(fault.lateMs, () => void deliver(letter));
    else if (fault.kind === 'callbackReordered') putAside(letter);
    else await deliver(letter, changeOf(letter, fault, dice));
  }

  function putAside(letter: Kept): void {
    overtaken = goOnce(() => void deliver(letter));
    timetable.after(overtakenMs, overtaken);
  }

  async function replay(id: number, how: Replay): Promise<readonly number[] | undefined> {
    const letter = shelf.find(id);
    if (letter === undefined) return undefined;
    const said = JSON.stringify(how.body ?? letter.body);
    const text = how.mutation === undefined ? said : mutated(said, how.mutation);
    return deliver(letter, { text, copies: how.copies ?? 1 });
  }

  async function ask(letter: Letter): Promise<Delivery> {
    const kept = shelf.keep(letter);
    const answer = await courier.carry(kept.url, textOf(kept), validationMs);
    kept.answers.push(answer.status);
    return answer;
  }

  return { send, ask, replay, isEarly: faults.isEarly, list: shelf.list };
}

/** Keeps the last letters. */
function openShelf() {
  const letters = new Map<number, Kept>();
  let last = 0;
  return {
    keep(letter: Letter): Kept {
      last += 1;
      letters.delete(last - lettersMax);
      const kept: Kept = { ...letter, id: last, fault: undefined, answers: [] };
      letters.set(last, kept);
      return kept;
    },
    find: (id: number) => letters.get(id),
    list: (): SentLetter[] =>
      [...letters.values()].map(({ id, kind, body, fault, answers }) => ({
        ...{ id, kind, body, fault, answers: [...answers] },
      })),
  };
}

/** What a fault changes about a letter that leaves all the same; nothing is sent in no copy. */
function changeOf(letter: Kept, fault: CallbackFault, dice: Dice): Change {
  if (fault.kind === 'callbackLost') return { copies: 0 };
  if (fault.kind === 'callbackDoubled') return { copies: fault.copies };
  if (fault.kind === 'callbackWrongPath') return { url: otherPath(letter.url) };
  if (fault.kind !== 'callbackMutated') return {};
  const text = textOf(letter);
  const mutation = fault.mutation ?? anyMutation(text, dice(`mutation ${letter.about}`));
  letter.fault = `${fault.kind} ${mutation}`;
  return { text: mutated(text, mutation) };
}

/** Whoever comes first sends it: the letter that overtook, or the clock. */
function goOnce(act: () => void): () => void {
  let gone = false;
  return () => {
    if (gone) return;
    gone = true;
    act();
  };
}

const otherPath = (url: string): string => url.slice(0, -1) + (url.endsWith('0') ? '1' : '0');

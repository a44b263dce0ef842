/** A power cut between any two calls of a hub, within one process: from then on nothing reaches disk or network. */
import type { Needs } from '../../gateway/ports/needs.ts';

export type Darkness = {
  /** The hub's ports; the power goes with one of their calls. */
  readonly ports: Omit<Needs, 'tell'>;
  /** After so many more calls it is dark. */
  comeAfter(calls: number): void;
  isDark(): boolean;
};

type Call = (...args: unknown[]) => unknown;
type Port = Readonly<Record<string, unknown>>;

const never = new Promise<never>(() => {});

/** Calls of the outside hang for ever in the dark; calls of the books throw, because they cannot wait. */
export function darknessOver(hub: Omit<Needs, 'tell'>): Darkness {
  let left = Number.POSITIVE_INFINITY;
  const goesDark = (): boolean => {
    left -= 1;
    return left < 0;
  };
  const watchedCall =
    (call: Call, whenDark: () => unknown): Call =>
    (...args) =>
      goesDark() ? whenDark() : call(...args);
  const watched = (port: Port, whenDark: () => unknown): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, value]) => [
        name,
        typeof value === 'function' ? watchedCall(value as Call, whenDark) : value,
      ]),
    );
  const throws = () => {
    throw new Error('it is dark');
  };
  const books = Object.fromEntries(
    Object.entries(hub.books as unknown as Readonly<Record<string, Port>>).map(([topic, port]) => [
      topic,
      typeof port === 'object' ? watched(port, throws) : port,
    ]),
  );
  const { money } = hub;
  const outside = watched(money as unknown as Port, () => never);
  const { readCallback, health } = money;
  return {
    ports: {
      ...hub,
      books: { ...hub.books, ...books } as unknown as Needs['books'],
      money: { ...outside, readCallback, health } as unknown as Needs['money'],
    },
    comeAfter: (calls) => {
      left = calls;
    },
    isDark: () => left < 0,
  };
}

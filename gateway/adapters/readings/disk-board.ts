/** A few numbers that the writing thread and the disk thread share: what is committed, and whether the disk fails. */

/** In order. */
const places = { committed: 0, failing: 1, closing: 2 } as const;

export type DiskBoard = BigInt64Array<SharedArrayBuffer>;

export const aDiskBoard = (): DiskBoard =>
  new BigInt64Array(new SharedArrayBuffer(Object.keys(places).length * 8));

const set = (board: DiskBoard, place: keyof typeof places, value: number): void => {
  Atomics.store(board, places[place], BigInt(value));
  // The disk thread sleeps at the first number, whatever it waits for.
  Atomics.notify(board, places.committed);
};

/** Batches up to this number are committed; whether they are on the disk is to be found out. */
export const committedUpTo = (board: DiskBoard): number =>
  Number(Atomics.load(board, places.committed));
export const sayCommittedUpTo = (board: DiskBoard, batch: number): void =>
  set(board, 'committed', batch);

/** While the disk fails nobody waits for it: what was committed is first written anew. */
export const isFailing = (board: DiskBoard): boolean => Atomics.load(board, places.failing) === 1n;
export const sayFailing = (board: DiskBoard, isNow: boolean): void =>
  set(board, 'failing', isNow ? 1 : 0);

export const isClosing = (board: DiskBoard): boolean => Atomics.load(board, places.closing) === 1n;
export const sayClosing = (board: DiskBoard): void => set(board, 'closing', 1);

/** Sleeps until somebody has changed the board, or a moment has passed. */
export const sleepAt = (board: DiskBoard, committed: number, mostMs: number): void =>
  void Atomics.wait(board, places.committed, BigInt(committed), mostMs);

/** How many meters may hold a connection where the system lets the hub open only so many files. */

/** Kept for databases, pages, callbacks, calls to outside and children. */
export const filesKeptFree = 1_536;
/** So many meters are let in whatever the system says; a hub that has fewer files does not work at all. */
export const connectionsLeast = 16;

/** `filesMost` is undefined where the system does not tell. */
export const connectionsWithin = (wanted: number, filesMost: number | undefined): number =>
  filesMost === undefined
    ? wanted
    : Math.max(connectionsLeast, Math.min(wanted, filesMost - filesKeptFree));

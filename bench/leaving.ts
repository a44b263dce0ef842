/** What must be undone however the bench ends: processes, mounts, folders. */
const undone = new Set<() => void>();

/** `undo` runs once: when what this returns is disposed of, or when the process ends. */
export function undoAtTheEnd(undo: () => void): Disposable {
  undone.add(undo);
  return {
    [Symbol.dispose]: () => {
      if (undone.delete(undo)) undo();
    },
  };
}

function undoAll(): void {
  for (const undo of [...undone].reverse()) {
    undone.delete(undo);
    try {
      undo();
    } catch (problem) {
      console.error(`scripts/bench: could not tidy up: ${problem}`);
    }
  }
}

/** Call once, in the process that measures. */
export function tidyUpWhateverHappens(): void {
  process.on('exit', undoAll);
  for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }))
    process.on(signal, () => process.exit(128 + number));
}

/** Meter registers as the running sum of what flowed in whole minutes; any moment can be asked for. */

/** What flows in one minute, whole mWh. */
export type Flow = {
  readonly importMwh: number;
  readonly exportMwh: number;
  readonly generationMwh: number;
};

export interface RunningRegisters {
  /** Registers `elapsedMs` after the meters were set to 0. Whole mWh that never fall as time goes on. */
  after(elapsedMs: number): Flow;
}

const minuteMs = 60_000;
const minutesPerHour = 60;
/** Registers at the last full hours are remembered, so that looking back four days costs an hour's sum. */
const hoursRemembered = 96;
const nothing: Flow = { importMwh: 0, exportMwh: 0, generationMwh: 0 };

/** `flowOf(n)` is the flow of the n-th minute; it is asked once per minute as long as time goes forward. */
export function runRegisters(flowOf: (minute: number) => Flow): RunningRegisters {
  const atHour = new Map<number, Flow>();
  let minute = 0;
  let sum = nothing;

  const goBackTo = (wanted: number): void => {
    let hour = Math.floor(wanted / minutesPerHour);
    while (hour > 0 && !atHour.has(hour)) hour -= 1;
    minute = hour * minutesPerHour;
    sum = atHour.get(hour) ?? nothing;
  };
  const goForwardTo = (wanted: number): void => {
    while (minute < wanted) {
      sum = plus(sum, flowOf(minute), 1);
      minute += 1;
      if (minute % minutesPerHour === 0) remember(atHour, minute / minutesPerHour, sum);
    }
  };
  return {
    after(elapsedMs) {
      if (elapsedMs < 0) throw new RangeError('the meters were not there yet');
      const wanted = Math.floor(elapsedMs / minuteMs);
      if (wanted < minute) goBackTo(wanted);
      goForwardTo(wanted);
      return plus(sum, flowOf(wanted), (elapsedMs % minuteMs) / minuteMs);
    },
  };
}

function remember(atHour: Map<number, Flow>, hour: number, sum: Flow): void {
  atHour.set(hour, sum);
  if (atHour.size <= hoursRemembered) return;
  const [oldest] = atHour.keys();
  if (oldest !== undefined) atHour.delete(oldest);
}

const plus = (sum: Flow, flow: Flow, part: number): Flow => ({
  importMwh: sum.importMwh + Math.floor(flow.importMwh * part),
  exportMwh: sum.exportMwh + Math.floor(flow.exportMwh * part),
  generationMwh: sum.generationMwh + Math.floor(flow.generationMwh * part),
});

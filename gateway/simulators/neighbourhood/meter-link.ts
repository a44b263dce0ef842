/** One meter's connection to the hub: it keeps each reading until the hub has acknowledged it. */
import { connect, type MqttClient } from 'mqtt';

export type MeterLink = {
  /** Puts a reading at the end of the queue. */
  tell(payload: Buffer): void;
  /** Readings that the hub has answered with a PUBACK. */
  acknowledged(): number;
  /** Readings that wait for their PUBACK. */
  pending(): number;
  /** Readings that the full queue gave up, oldest first. */
  dropped(): number;
  stop(): Promise<void>;
};

export type MeterLinkOptions = {
  readonly url: string;
  /** Client id and user name. */
  readonly meter: string;
  readonly password: string;
  readonly backlogMax: number;
  /** Without a PUBACK for so long the connection is given up and made anew, machine ms. */
  readonly acknowledgeMs: number;
};

const firstWaitMs = 200;
const waitMaxMs = 2_000;
const keepaliveSeconds = 30;
const connectMs = 10_000;

export function openMeterLink(options: MeterLinkOptions): MeterLink {
  const { meter, backlogMax, acknowledgeMs } = options;
  const topic = `jirani/v1/meters/${meter}/reading`;
  const queue: Buffer[] = [];
  let client: MqttClient | undefined;
  let connected = false;
  let flying: Buffer | undefined;
  let timer: NodeJS.Timeout | undefined;
  let tries = 0;
  let acknowledged = 0;
  let dropped = 0;
  let stopped = false;

  const dial = (): void => {
    const dialled = dialHub(options);
    client = dialled;
    dialled.on('error', () => dialled.end(true));
    dialled.on('connect', () => {
      connected = true;
      tries = 0;
      dialled.publish(`jirani/v1/meters/${meter}/status`, 'online', { qos: 1, retain: true });
      sendOldest();
    });
    dialled.once('close', () => {
      connected = false;
      flying = undefined;
      clearTimeout(timer);
      dialled.end(true);
      if (!stopped) timer = setTimeout(dial, waitMs(tries++));
    });
  };

  const sendOldest = (): void => {
    const oldest = queue[0];
    const line = client;
    if (!connected || line === undefined || oldest === undefined || flying !== undefined) return;
    flying = oldest;
    timer = setTimeout(() => line.end(true), acknowledgeMs);
    line.publish(topic, oldest, { qos: 1 }, (problem) => {
      // A call from a connection that is gone, or for a reading that a newer connection sends again.
      if (problem || line !== client || flying !== oldest) return;
      clearTimeout(timer);
      flying = undefined;
      acknowledged += 1;
      queue.shift();
      sendOldest();
    });
  };

  dial();
  return {
    tell(payload) {
      if (queue.length >= backlogMax) {
        // The reading in flight stays: its acknowledgement may be on the way.
        queue.splice(flying === undefined ? 0 : 1, 1);
        dropped += 1;
      }
      queue.push(payload);
      sendOldest();
    },
    acknowledged: () => acknowledged,
    pending: () => queue.length,
    dropped: () => dropped,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await client?.endAsync(true);
    },
  };
}

const waitMs = (tries: number): number =>
  Math.min(waitMaxMs, firstWaitMs * 2 ** Math.min(tries, 8));

function dialHub({ url, meter, password }: MeterLinkOptions): MqttClient {
  return connect(url, {
    clientId: meter,
    username: meter,
    password,
    clean: true,
    keepalive: keepaliveSeconds,
    connectTimeout: connectMs,
    // The link dials again itself, so that it alone decides what is sent twice.
    reconnectPeriod: 0,
    resubscribe: false,
    will: {
      topic: `jirani/v1/meters/${meter}/status`,
      payload: Buffer.from('offline'),
      qos: 1,
      retain: true,
    },
  });
}

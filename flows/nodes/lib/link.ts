/** The flows' one connection to the hub's broker: listens, speaks, beats, and says which gates there are. */
import mqtt from 'mqtt';
import type { Body, GateOffer, Hub, HubAccess } from './node-red.ts';
import { matches, topicPrefix } from './topics.ts';

/** The gateway misses a gate after 15 s without one. */
const heartbeatMs = 5_000;
const reconnectMs = 1_000;
/** Gates that are deployed together are registered together. */
const registerAfterMs = 20;
const readTimeoutMs = 5_000;

export type Link = Hub & { end(removed: boolean): Promise<void> };

type Trouble = (error: Error) => void;

/** Connects in the background, for ever. `trouble` hears what went wrong; nothing is thrown at the flows. */
export function openLink(access: HubAccess, trouble: Trouble): Link {
  const { mqttUrl, username, password } = access;
  const client = mqtt.connect(mqttUrl, {
    ...{ username, password, reconnectPeriod: reconnectMs, protocolVersion: 4, clean: true },
    resubscribe: true,
    // What a flow says while the hub is away is late when the hub is back.
    queueQoSZero: false,
  });
  const ears = listening(client);
  const gates = new Set<GateOffer>();
  let registering: NodeJS.Timeout | undefined;

  const say: Hub['say'] = (topic, body, { retain = false } = {}) => {
    if (!client.connected) return;
    client.publish(topicPrefix + topic, JSON.stringify(body), { qos: 1, retain }, (error) => {
      if (error) trouble(error);
    });
  };
  const register = () => say('flows/gates', { v: 1, gates: [...gates] }, { retain: true });
  const registerSoon = () => {
    clearTimeout(registering);
    registering = setTimeout(register, registerAfterMs);
  };
  client.on('connect', () => {
    // Without it an answer waits 40 ms in the socket; the option of mqtt.connect has no effect.
    const { stream } = client as unknown as { stream: { setNoDelay?(on: boolean): void } };
    stream.setNoDelay?.(true);
    register();
  });
  client.on('error', trouble);
  const beating = setInterval(() => say('flows/heartbeat', { v: 1 }), heartbeatMs);

  return {
    listen: ears.listen,
    say,
    gate: (gate) => {
      gates.add(gate);
      registerSoon();
      return () => {
        gates.delete(gate);
        registerSoon();
      };
    },
    watch: (tell) => watching(client, tell),
    read: (path) => read(access, path),
    end: async (removed) => {
      clearInterval(beating);
      clearTimeout(registering);
      gates.clear();
      if (removed && client.connected) register();
      await client.endAsync(!removed);
    },
  };
}

/** Two nodes with one filter share a subscription, and the last one ends it. */
function listening(client: mqtt.MqttClient): Pick<Hub, 'listen'> {
  const listeners = new Map<string, Set<(topic: string, body: Body) => void>>();
  client.on('message', (fullTopic, payload) => {
    const body = readBody(payload);
    if (body === undefined) return;
    const topic = fullTopic.slice(topicPrefix.length);
    for (const [filter, those] of listeners)
      if (matches(filter, topic)) for (const hear of those) hear(topic, body);
  });
  return {
    listen: (filter, hear) => {
      const those = listeners.get(filter) ?? new Set();
      listeners.set(filter, those.add(hear));
      client.subscribe(topicPrefix + filter, { qos: 1 });
      return () => {
        those.delete(hear);
        if (those.size > 0) return;
        listeners.delete(filter);
        client.unsubscribe(topicPrefix + filter);
      };
    },
  };
}

function watching(client: mqtt.MqttClient, tell: (connected: boolean) => void): () => void {
  const [here, gone] = [() => tell(true), () => tell(false)];
  client.on('connect', here).on('close', gone);
  tell(client.connected);
  return () => void client.off('connect', here).off('close', gone);
}

function readBody(payload: Buffer): Body | undefined {
  try {
    const body: unknown = JSON.parse(payload.toString('utf8'));
    return typeof body === 'object' && body !== null ? (body as Body) : undefined;
  } catch {
    return undefined;
  }
}

async function read({ apiUrl, apiToken }: HubAccess, path: string): Promise<unknown> {
  const answer = await fetch(new URL(path, apiUrl), {
    headers: { authorization: `Bearer ${apiToken}` },
    signal: AbortSignal.timeout(readTimeoutMs),
  });
  if (answer.ok) return answer.json();
  throw new Error(`the hub answered ${answer.status} to ${new URL(path, apiUrl).pathname}`);
}

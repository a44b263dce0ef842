/** The part of Node-RED that our nodes use. Node-RED brings no types of its own. */
import type { Decision, Proposal } from './decision.ts';

/** What travels along a wire. */
export type Message = {
  readonly [key: string]: unknown;
  readonly payload?: unknown;
  readonly topic?: unknown;
  readonly reason?: unknown;
  readonly proposal?: Proposal;
  readonly gate?: string;
};

export type Done = (error?: Error) => void;

export interface FlowNode {
  readonly id: string;
  on(event: 'input', listener: (message: Message, send: Send, done: Done) => void): void;
  on(event: 'close', listener: (removed: boolean, done: () => void) => void): void;
  send(message: unknown): void;
  status(shown: { fill?: string; shape?: string; text?: string }): void;
  error(what: unknown, message?: unknown): void;
}

export type Send = (message: unknown) => void;

/** The configuration node that all others share. */
export interface Hub {
  /** Topics without `jirani/v1/`; what is no JSON object never arrives. Returns what ends listening. */
  listen(filter: string, hear: (topic: string, body: Body) => void): () => void;
  say(topic: string, body: unknown, options?: { readonly retain?: boolean }): void;
  /** Registers a gate with the gateway until the returned function is called. */
  gate(gate: GateOffer): () => void;
  /** Tells at once, and then with each change, whether the hub can be heard. */
  watch(tell: (connected: boolean) => void): () => void;
  /** A call of the hub's read-only API; rejects with a sentence for a person. */
  read(path: string): Promise<unknown>;
}

export type Body = Readonly<Record<string, unknown>>;

export type GateOffer = {
  readonly name: string;
  readonly scope: 'all' | readonly string[];
  readonly onSilence: 'hold' | 'proceed';
};

/** Where the hub is and by what name the flows enter it; written by the hub at each start. */
export type HubAccess = {
  readonly mqttUrl: string;
  readonly username: string;
  readonly password: string;
  readonly apiUrl: string;
  readonly apiToken: string;
};

type Maker = (this: never, config: never) => void;

export interface NodeRed {
  readonly settings: { readonly jirani?: HubAccess };
  readonly nodes: {
    createNode(node: unknown, config: unknown): void;
    registerType(type: string, maker: Maker, options?: object): void;
    getNode(id: string): unknown;
  };
}

export type { Decision, Proposal };

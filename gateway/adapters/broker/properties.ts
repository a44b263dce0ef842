/** The properties of MQTT 5 packets: MQTT 5 section 2.2.2. */
import { type Fields, Malformed } from './fields.ts';
import { variableInteger } from './packets.ts';

type Kind = 'byte' | 'uint16' | 'uint32' | 'integer' | 'text' | 'binary' | 'pair';

const properties = {
  payloadFormat: [0x01, 'byte'],
  messageExpiryS: [0x02, 'uint32'],
  contentType: [0x03, 'text'],
  responseTopic: [0x08, 'text'],
  correlation: [0x09, 'binary'],
  subscriptionId: [0x0b, 'integer'],
  sessionExpiryS: [0x11, 'uint32'],
  authMethod: [0x15, 'text'],
  authPayload: [0x16, 'binary'],
  wantsProblems: [0x17, 'byte'],
  willDelayS: [0x18, 'uint32'],
  wantsResponses: [0x19, 'byte'],
  reasonText: [0x1f, 'text'],
  receiveMax: [0x21, 'uint16'],
  topicAliasMax: [0x22, 'uint16'],
  topicAlias: [0x23, 'uint16'],
  userProperty: [0x26, 'pair'],
  packetBytesMax: [0x27, 'uint32'],
  subscriptionIds: [0x29, 'byte'],
  sharedSubscriptions: [0x2a, 'byte'],
} as const satisfies Record<string, readonly [number, Kind]>;

export type PropertyName = keyof typeof properties;
export type Properties = { readonly [Name in PropertyName]?: number | string | Uint8Array };

const byCode = new Map<number, readonly [PropertyName, Kind]>(
  Object.entries(properties).map(([name, [code, kind]]) => [code, [name as PropertyName, kind]]),
);

/** Reads the length and everything that belongs to it. A property that may stand once and stands twice is malformed. */
export function readProperties(fields: Fields): Properties {
  const length = fields.variableInteger();
  if (length > fields.left) throw new Malformed('properties too long');
  const end = fields.at + length;
  const read: Record<string, number | string | Uint8Array> = {};
  while (fields.at < end) {
    const [name, kind] = byCode.get(fields.variableInteger()) ?? [];
    if (name === undefined || kind === undefined) throw new Malformed('unknown property');
    if (name in read && kind !== 'pair') throw new Malformed(`${name} twice`);
    read[name] = readers[kind](fields);
  }
  if (fields.at !== end) throw new Malformed('properties too short');
  return read;
}

const readers: Readonly<Record<Kind, (fields: Fields) => number | string | Uint8Array>> = {
  byte: (fields) => fields.byte(),
  uint16: (fields) => fields.uint16(),
  uint32: (fields) => fields.uint32(),
  integer: (fields) => fields.variableInteger(),
  text: (fields) => fields.text(),
  binary: (fields) => fields.binary(),
  pair: (fields) => `${fields.text()}=${fields.text()}`,
};

/** Numbers, and whatever else is written already. */
export function propertiesOf(
  said: { readonly [Name in PropertyName]?: number },
  others: readonly Uint8Array[],
): Buffer {
  const bytes: number[] = [];
  for (const [name, value] of Object.entries(said) as [PropertyName, number][]) {
    const [code, kind] = properties[name];
    bytes.push(code);
    const width = kind === 'byte' ? 1 : kind === 'uint16' ? 2 : 4;
    for (let shift = (width - 1) * 8; shift >= 0; shift -= 8) bytes.push((value >>> shift) & 0xff);
  }
  const body = Buffer.concat([Buffer.from(bytes), ...others]);
  return Buffer.concat([Buffer.from(variableInteger(body.length)), body]);
}

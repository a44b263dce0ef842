/**
 * A whole hub in which 200 households live, each with a meter and a page that is signed in. Outside of it nothing
 * answers: no M-Pesa, no chain, no weather. usage: pages-hub.ts FOLDER HOUSEHOLDS SPEED
 */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scaledClock } from '../gateway/adapters/clock/scaled-clock.ts';
import { hashOf } from '../gateway/adapters/ids/ids.ts';
import { openBooks } from '../gateway/adapters/sqlite/open.ts';
import { simulatedMpesaEnvironment } from '../gateway/commands/simulated-mpesa.ts';
import { readConfig } from '../gateway/config.ts';
import type { HouseholdId, MeterId } from '../gateway/core/ids.ts';
import type { Msisdn } from '../gateway/core/phone.ts';
import { slotAt } from '../gateway/core/slot.ts';
import { cents, epochMs } from '../gateway/core/units.ts';
import { openHub } from '../gateway/main.ts';
import { enrolHousehold } from '../gateway/steps/enrol-household.ts';
import { registerMeter } from '../gateway/steps/register-meter.ts';
import { firstUnixSeconds, meterName } from './load.ts';
import { serveBench } from './peers/peer-process.ts';

const [, , folder = '', count = '200', speed = '5'] = process.argv;
const households = Number(count);
const nobody = 'http://127.0.0.1:9';
const tellEveryMs = 100;
const sessionLivesMs = 3_600_000;
/** As what the meters of the load generator say: it begins with the first slot of a morning. */
const since = epochMs(firstUnixSeconds * 1000);

const idOf = (number: number): HouseholdId => `h${String(number).padStart(3, '0')}` as HouseholdId;
const tokenOf = (number: number): string => hashOf(`session of ${number}`).slice(0, 43);

function moveIn(): void {
  using books = openBooks(join(folder, 'books.db'));
  books.together(() => {
    for (let number = 0; number < households; number++) {
      const id = idOf(number);
      const phone = `2547${String(number).padStart(8, '0')}` as Msisdn;
      const order = { id, phone, name: `House ${number}`, role: 'both', language: 'en' } as const;
      if (!enrolHousehold({ books }, order, since).ok) throw new Error(`${id} could not move in`);
      const meter = meterName(number) as MeterId;
      const passwordHash = hashOf(`secret of ${meter}`);
      registerMeter({ books }, { household: id, meter, place: 'grid', passwordHash }, since);
      const session = { hash: hashOf(tokenOf(number)), household: id };
      const now = Date.now();
      books.sessions.begin({ ...session, expires: now + sessionLivesMs }, 6, now);
    }
  });
}

function configHere() {
  const publicKeyFile = join(folder, 'mpesa.pem');
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  const config = readConfig({
    ...simulatedMpesaEnvironment(nobody, publicKeyFile),
    ...{ HUB_DATA_DIR: folder, SOLANA_RPC_URLS: nobody, WEATHER_BASE_URL: nobody },
    ...{ HTTP_PORT: '0', CALLBACK_PORT: '0', MQTT_PORT: '0', MQTTS_PORT: '0', NODE_RED: 'off' },
  });
  if (!config.ok) throw new Error(config.error.join('; '));
  return config.value;
}

moveIn();
const clock = scaledClock({
  originMachineNs: process.hrtime.bigint(),
  originNeighbourhoodMs: since,
  speed: Number(speed),
});
const hub = await openHub({
  ...{ config: configHere(), clock },
  log: { info: () => {}, warn: () => {}, error: () => {} },
  onFatal: (error) => {
    throw error;
  },
});

/** When each event was told, by its number: machine ms, which all processes of this machine share. */
const told: number[] = [];
let telling: NodeJS.Timeout | undefined;

serveBench(
  {
    ...{ port: hub.httpPort, mqttPort: hub.mqttPort },
    cookies: Array.from({ length: households }, (_, number) => `jirani_session=${tokenOf(number)}`),
  },
  {
    tell: () => {
      telling = setInterval(() => {
        const number = told.push(Number(process.hrtime.bigint()) / 1e6) - 1;
        const household = idOf((number * 7) % households);
        hub.story.tell({
          ...{ name: 'withdrawal.paid', household, payout: 'bench' as never },
          amountCents: cents(number),
        });
      }, tellEveryMs);
      return {};
    },
    slot: () => {
      hub.story.tell({ name: 'slot.closed', slot: slotAt(clock.now()), inTime: false });
      return {};
    },
    stop: () => {
      clearInterval(telling);
      return { told };
    },
    finish: async () => {
      await hub[Symbol.asyncDispose]();
      return {};
    },
  },
);

/** The keeper's counter where people and meters move in: what is secret is shown once. */
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { encode } from 'uqr';
import { hashOf } from './adapters/ids/ids.ts';
import { freshPin, hashPin } from './adapters/ids/pin-hash.ts';
import { labelOf } from './adapters/meters/setup-label.ts';
import { mosquittoHashOf } from './adapters/mosquitto/password-hash.ts';
import type { HouseholdId, MeterId } from './core/ids.ts';
import { readPhone } from './core/phone.ts';
import { fail, ok } from './core/result.ts';
import { codeLivesMs } from './core/sign-in.ts';
import { epochMs } from './core/units.ts';
import type { KeeperDeskNeeds } from './open-desk-keeper.ts';
import type { Problem } from './ports/desk.ts';
import type { KeeperDesk, QrRows, ResidentView } from './ports/keeper-desk.ts';
import { type EnrolProblem, enrolHousehold } from './steps/enrol-household.ts';
import { type MeterProblem, registerMeter } from './steps/register-meter.ts';

type Enrolment = Pick<KeeperDesk, 'enrol' | 'signInCode' | 'newPin' | 'addMeter' | 'revokeMeter'>;
type EnrolmentNeeds = Pick<KeeperDeskNeeds, 'hub' | 'config'> & {
  readonly resident: (id: string) => ResidentView | undefined;
};

const codeBytes = 16;
const passwordBytes = 24;

export function openEnrolment(needs: EnrolmentNeeds): Enrolment {
  const { hub, resident } = needs;
  const { households, sessions } = hub.books;
  const find = (id: string) => households.find(id as HouseholdId);
  return {
    enrol: ({ id, phone: typed, ...order }) => {
      const phone = readPhone(typed);
      if (!phone.ok) return fail(noPhone);
      const whole = { ...order, id: id as HouseholdId, phone: phone.value };
      const enrolled = enrolHousehold(hub, whole, hub.clock.now());
      const shown = enrolled.ok ? resident(id) : undefined;
      if (!enrolled.ok) return fail(enrolWords[enrolled.error]);
      return shown === undefined ? fail(unknown) : ok(shown);
    },
    signInCode: (id, origin) => {
      const household = find(id);
      if (household === undefined) return fail(unknown);
      const code = randomBytes(codeBytes).toString('base64url');
      // Wall time, as the command line's codes: sign-in asks the same clock.
      const now = Date.now();
      sessions.addCode(hashOf(code), household.id, now + codeLivesMs, now);
      const at = reachableOrigin(needs, origin);
      // Behind the #: a browser keeps that part to itself, so no log of a proxy ever has it.
      const link = `${at}/sign-in#${code}`;
      const reachable = !isLoopback(at);
      return ok({ household: id, link, qr: qrOf(link), expiresInMs: codeLivesMs, reachable });
    },
    newPin: async (id) => {
      const household = find(id);
      if (household === undefined) return fail(unknown);
      const pin = freshPin();
      sessions.setPin(household.id, await hashPin(pin), Date.now());
      return ok({ pin });
    },
    addMeter: (household, place) => {
      const password = randomBytes(passwordBytes).toString('base64url');
      const order = {
        ...{ household: household as HouseholdId, meter: undefined, place },
        ...{ passwordHash: hashOf(password), mosquittoHash: mosquittoHashOf(password) },
      };
      const added = registerMeter(hub, order, hub.clock.now());
      if (!added.ok) return fail(meterWords[added.error]);
      const access = { meterId: added.value, username: added.value, password };
      const { claim, text } = labelOf(added.value, password);
      return ok({ ...access, household, claim, qr: qrOf(text) });
    },
    revokeMeter: (meter) =>
      households.revoke(meter as MeterId, epochMs(hub.clock.now()))
        ? ok({ did: `Meter ${meter} is revoked; its readings stay.` })
        : fail({ status: 404, title: 'No such meter', detail: 'No meter has that id.' }),
  };
}

/** Error correction M: a label on a wall gets scratches. */
const qrOf = (text: string): QrRows =>
  encode(text, { ecc: 'M', border: 2 }).data.map((row) =>
    row.map((dark) => (dark ? '1' : '0')).join(''),
  );

const isLoopback = (origin: string): boolean =>
  ['127.0.0.1', 'localhost', '[::1]'].includes(URL.parse(origin)?.hostname ?? '');

/** Where phones of the LAN find the hub: as the keeper's browser did, or by the machine's own address there. */
function reachableOrigin({ config }: EnrolmentNeeds, origin: string): string {
  if (!isLoopback(origin) || config.HUB_LISTEN !== '0.0.0.0') return origin;
  const lan = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  const url = URL.parse(origin);
  return lan === undefined || url === null ? origin : `http://${lan.address}:${url.port || '80'}`;
}

const unknown: Problem = {
  status: 404,
  title: 'No such household',
  detail: 'This hub knows no household with that id.',
};
const noPhone: Problem = {
  status: 422,
  title: 'Not a Kenyan mobile number',
  detail: 'It must look like 0712345678, 0112345678 or 254712345678.',
  field: 'phone',
};
const enrolWords: Record<EnrolProblem, Problem> = {
  'id-taken': {
    ...{ status: 409, title: 'Id taken', field: 'id' },
    detail: 'There is a household with that id already.',
  },
  'phone-taken': {
    ...{ status: 409, title: 'Phone taken', field: 'phone' },
    detail: 'Another household has that phone.',
  },
};
const meterWords: Record<MeterProblem, Problem> = {
  'unknown-household': unknown,
  registered: {
    ...{ status: 409, title: 'Meter registered', field: 'place' },
    detail: 'The household has a meter at this place already.',
  },
  'used-before': {
    ...{ status: 409, title: 'Meter id used before', field: 'place' },
    detail: 'Ids are not used again.',
  },
};

/** Whether a push or a query comes from the shortcode's owner: Password = base64(shortcode + passkey + Timestamp). */
import { readStamp } from './east-africa-time.ts';
import type { Names } from './names.ts';
import type { Settings } from './options.ts';
import { type Reply, refused } from './replies.ts';

/** Less than the three hours between UTC and East Africa, so that a Timestamp in UTC is noticed. */
const timestampToleranceMs = 2 * 3_600_000;

export type Merchant = {
  readonly BusinessShortCode: string;
  readonly Password: string;
  readonly Timestamp: string;
};

export type MerchantNeeds = {
  readonly settings: Pick<Settings, 'shortcode' | 'passkey' | 'clock'>;
  readonly names: Names;
};

/** The refusal that a stranger gets; undefined for the owner. */
export function turnAway(
  { settings, names }: MerchantNeeds,
  merchant: Merchant,
): Reply | undefined {
  const { shortcode, passkey, clock } = settings;
  const asked = readStamp(merchant.Timestamp);
  if (asked === undefined || Math.abs(clock.now() - asked) > timestampToleranceMs)
    return refused(names.request(), '400.002.02', 'Bad Request - Invalid Timestamp');
  if (merchant.BusinessShortCode !== shortcode)
    return refused(names.request(), '500.001.1001', 'Merchant does not exist');
  const expected = Buffer.from(shortcode + passkey + merchant.Timestamp).toString('base64');
  if (merchant.Password === expected) return undefined;
  return refused(names.request(), '500.001.1001', 'Wrong credentials');
}

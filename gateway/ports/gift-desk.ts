/** The counter's side for gifts of energy. */
import type { Result } from '../core/result.ts';
import type { Problem } from './desk.ts';

export type GiftView = {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly energyWh: number;
};

export interface GiftDesk {
  /** `to` undefined: the community's school or clinic. */
  give(
    from: string,
    to: string | undefined,
    energyWh: number,
    idempotencyKey: string | undefined,
  ): Result<GiftView, Problem>;
}

/** Everything that can happen, past tense. Events tell; what must not be forgotten stands in the books. */
import type { EnergyEvent } from './energy.ts';
import type { MoneyEvent, TradeEvent } from './trade.ts';

export type HubEvent = EnergyEvent | TradeEvent | MoneyEvent;
export type EventName = HubEvent['name'];
export type EventOf<Name extends EventName> = Extract<HubEvent, { readonly name: Name }>;
export type Tell = (event: HubEvent) => void;

/** What follows an event; several steps may, in order. */
export type StepAfter<Name extends EventName> = (event: EventOf<Name>) => void | Promise<void>;
export type Journey = { readonly [Name in EventName]?: readonly StepAfter<Name>[] };

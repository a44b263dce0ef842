/** Builds the instructions of one token move. Pure: facts in, instructions out. */
import { createHash, createHmac } from 'node:crypto';
import {
  AuthorityType,
  createApproveCheckedInstruction,
  createAssociatedTokenAccountIdempotentInstruction,
  createBurnCheckedInstruction,
  createInitializeMint2Instruction,
  createMintToCheckedInstruction,
  createSetAuthorityInstruction,
  createTransferCheckedInstruction,
  MINT_SIZE,
  TOKEN_PROGRAM_ID,
} from '@solana/spl-token';
import {
  ComputeBudgetProgram,
  PublicKey,
  SystemProgram,
  TransactionInstruction,
} from '@solana/web3.js';
import type { WattHours } from '../../core/units.ts';

type Burn = { readonly tokenAccount: PublicKey; readonly energyWh: WattHours };

/** 1 eKWh has 1000 base units of 1 Wh. */
export const tokenDecimals = 3;
/** Where the marker stands in every move; `isMarkerTaken` relies on it. */
export const markerIndex = 0;
export const memoProgram = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const allowanceMax = 2n ** 64n - 1n;
const priceMaxMicroLamports = 50_000;
/** On the local ledger a move takes 1,000 units and 18,000 for each new account; the rest is room for other token programs. */
/** The memo program takes about 350 units for each byte of text on a public cluster, and 12,000 for a signer. */
const computeUnits = { move: 30_000, newAccount: 50_000, note: 120_000 };
const memoPattern = /^[0-9A-Za-z:_-]{1,64}$/;
const notePattern = /^jirani:receipts:1:\d{4}-\d\d-\d\d:\d{1,5}:[0-9a-f]{64}$/;

export type Holder = {
  readonly owner: PublicKey;
  readonly tokenAccount: PublicKey;
  readonly isNew: boolean;
};
export type Marker = { readonly seed: string; readonly address: PublicKey };

export type MovePlan = {
  readonly hub: PublicKey;
  readonly mint: PublicKey;
  readonly mintAuthority: PublicKey;
  readonly marker: Marker;
  /** What an empty account must hold, in lamports, as the node says today. */
  readonly markerRentLamports: number;
  readonly from: Holder;
  /** Undefined for a burn. */
  readonly to: Holder | undefined;
  /** Whether the hub is not yet the delegate of `from`. */
  readonly approve: boolean;
  readonly energyWh: WattHours;
  readonly mintWh: WattHours;
  /** Of a burn: what is burned of other households at once. */
  readonly shares: readonly Burn[];
  readonly memo: string;
  /** Micro-lamports for a compute unit; capped. */
  readonly priceMicroLamports: number;
};

/**
 * At most one transaction with the same marker can ever succeed: it makes an account whose address belongs
 * to the intent. The seed is secret, or a stranger could make the account first and block the move.
 */
export async function markerFor(
  hub: PublicKey,
  secret: Uint8Array,
  intent: string,
): Promise<Marker> {
  const seed = createHmac('sha256', secret).update(intent).digest('hex').slice(0, 32);
  return { seed, address: await PublicKey.createWithSeed(hub, seed, SystemProgram.programId) };
}

/** SystemInstruction::CreateAccountWithSeed, as the four bytes that begin its data. */
const createWithSeed = Buffer.from([3, 0, 0, 0]);

/** Whether this is how a move begins: the transaction that brings the rent home mentions the marker, too. */
export const makesMarker = (firstInstruction: Uint8Array): boolean =>
  createWithSeed.equals(firstInstruction.subarray(0, createWithSeed.length));

/** Whether this error says that the marker exists: SystemError::AccountAlreadyInUse is Custom 0. */
export const isMarkerTaken = (error: unknown): boolean =>
  JSON.stringify(error) === JSON.stringify({ InstructionError: [markerIndex, { Custom: 0 }] });

/** An address that only this memo's transfer mentions, so that anybody with the memo finds it. */
export const referenceFor = (memo: string): PublicKey =>
  new PublicKey(createHash('sha256').update(`trade:${memo}`).digest());

/** Throws on a memo that is not an opaque id: it is public for ever. */
export function moveInstructions(plan: MovePlan): TransactionInstruction[] {
  const { hub, mint, mintAuthority, from, to, memo, energyWh } = plan;
  if (!memoPattern.test(memo) || /^\d+$/.test(memo)) throw new Error('the memo is no opaque id');
  const newcomers = [from, to].filter((holder) => holder?.isNew) as Holder[];
  const units = computeUnits.move + newcomers.length * computeUnits.newAccount;
  return [
    makeMarker(hub, plan.marker, plan.markerRentLamports),
    ...computeBudget(plan.priceMicroLamports, units),
    ...newcomers.map(({ owner, tokenAccount }) =>
      createAssociatedTokenAccountIdempotentInstruction(hub, tokenAccount, owner, mint),
    ),
    ...(plan.approve ? [approval(hub, mint, from)] : []),
    ...(plan.mintWh > 0
      ? [
          createMintToCheckedInstruction(
            mint,
            from.tokenAccount,
            mintAuthority,
            BigInt(plan.mintWh),
            tokenDecimals,
          ),
        ]
      : []),
    ...(to === undefined
      ? [{ tokenAccount: from.tokenAccount, energyWh }, ...plan.shares].map((one) =>
          burn(hub, mint, one),
        )
      : [transfer(plan, to)]),
    new TransactionInstruction({
      programId: memoProgram,
      keys: [],
      data: Buffer.from(memo, 'utf8'),
    }),
  ];
}

const makeMarker = (hub: PublicKey, { seed, address }: Marker, lamports: number) =>
  SystemProgram.createAccountWithSeed({
    ...{ fromPubkey: hub, basePubkey: hub, seed, newAccountPubkey: address },
    ...{ lamports, space: 0, programId: SystemProgram.programId },
  });

/** A memo that the hub signs. Throws on other words than a day's root. */
export function noteInstructions(
  hub: PublicKey,
  marker: Marker,
  markerRentLamports: number,
  text: string,
  priceMicroLamports: number,
): TransactionInstruction[] {
  if (!notePattern.test(text)) throw new Error('the hub notes nothing but roots of receipts');
  return [
    makeMarker(hub, marker, markerRentLamports),
    ...computeBudget(priceMicroLamports, computeUnits.note),
    new TransactionInstruction({
      programId: memoProgram,
      keys: [{ pubkey: hub, isSigner: true, isWritable: false }],
      data: Buffer.from(text, 'utf8'),
    }),
  ];
}

/** Makes the mint; the second time it fails and changes nothing. */
export const mintInstructions = (
  hub: PublicKey,
  mint: PublicKey,
  mintAuthority: PublicKey,
  rentLamports: number,
  priceMicroLamports: number,
): TransactionInstruction[] => [
  SystemProgram.createAccount({
    fromPubkey: hub,
    newAccountPubkey: mint,
    space: MINT_SIZE,
    lamports: rentLamports,
    programId: TOKEN_PROGRAM_ID,
  }),
  ...computeBudget(priceMicroLamports, computeUnits.move),
  createInitializeMint2Instruction(mint, tokenDecimals, mintAuthority, null),
];

function computeBudget(priceMicroLamports: number, units: number): TransactionInstruction[] {
  const microLamports = Math.min(priceMicroLamports, priceMaxMicroLamports);
  return [
    ComputeBudgetProgram.setComputeUnitLimit({ units }),
    ...(microLamports > 0 ? [ComputeBudgetProgram.setComputeUnitPrice({ microLamports })] : []),
  ];
}

/** Hands the mint over; the second time it fails and changes nothing. */
export const handOverInstructions = (
  mint: PublicKey,
  from: PublicKey,
  to: PublicKey,
  priceMicroLamports: number,
): TransactionInstruction[] => [
  ...computeBudget(priceMicroLamports, computeUnits.move),
  createSetAuthorityInstruction(mint, from, AuthorityType.MintTokens, to),
];

/** An approval replaces the one before and moves nothing: it may be repeated as often as anybody likes. */
export const approvals = (
  hub: PublicKey,
  mint: PublicKey,
  holders: readonly Pick<Holder, 'owner' | 'tokenAccount'>[],
  priceMicroLamports: number,
): TransactionInstruction[] => [
  ...computeBudget(priceMicroLamports, computeUnits.move),
  ...holders.map((holder) => approval(hub, mint, holder)),
];

/** Brings the lamports of markers home; only the fee payer who made them, `base`, can. */
export const rentReturns = (
  hub: PublicKey,
  markers: readonly (Marker & { readonly lamports: number })[],
  priceMicroLamports: number,
  base = hub,
): TransactionInstruction[] => [
  ...computeBudget(priceMicroLamports, computeUnits.move),
  ...markers.map(({ seed, address, lamports }) =>
    SystemProgram.transfer({
      ...{ fromPubkey: address, basePubkey: base, toPubkey: hub },
      ...{ lamports, seed, programId: SystemProgram.programId },
    }),
  ),
];

const approval = (
  hub: PublicKey,
  mint: PublicKey,
  { owner, tokenAccount }: Pick<Holder, 'owner' | 'tokenAccount'>,
) => createApproveCheckedInstruction(tokenAccount, mint, hub, owner, allowanceMax, tokenDecimals);

const burn = (hub: PublicKey, mint: PublicKey, { tokenAccount, energyWh }: Burn) =>
  createBurnCheckedInstruction(tokenAccount, mint, hub, BigInt(energyWh), tokenDecimals);

function transfer({ hub, mint, from, energyWh, memo }: MovePlan, to: Holder) {
  const instruction = createTransferCheckedInstruction(
    from.tokenAccount,
    mint,
    to.tokenAccount,
    hub,
    BigInt(energyWh),
    tokenDecimals,
  );
  instruction.keys.push({ pubkey: referenceFor(memo), isSigner: false, isWritable: false });
  return instruction;
}

/** Builds the instructions of one token move. Pure: facts in, instructions out. */
import { createHash, createHmac } from 'node:crypto';
import {
  createApproveCheckedInstruction,
  createAssociatedTokenAccountIdempotentInstruction,
  createBurnCheckedInstruction,
  createInitializeMint2Instruction,
  createMintToCheckedInstruction,
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

/** 1 eKWh has 1000 base units of 1 Wh. */
export const tokenDecimals = 3;
/** Where the marker stands in every move; `isMarkerTaken` relies on it. */
export const markerIndex = 0;
export const memoProgram = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const allowanceMax = 2n ** 64n - 1n;
const priceMaxMicroLamports = 50_000;
/** On the local ledger a move takes 1,000 units and 18,000 for each new account; the rest is room for other token programs. */
const computeUnits = { move: 30_000, newAccount: 50_000 };
const memoPattern = /^[0-9A-Za-z:_-]{1,64}$/;

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

/** Whether this error says that the marker exists: SystemError::AccountAlreadyInUse is Custom 0. */
export const isMarkerTaken = (error: unknown): boolean =>
  JSON.stringify(error) === JSON.stringify({ InstructionError: [markerIndex, { Custom: 0 }] });

/** An address that only this memo's transfer mentions, so that anybody with the memo finds it. */
export const referenceFor = (memo: string): PublicKey =>
  new PublicKey(createHash('sha256').update(`trade:${memo}`).digest());

/** Throws on a memo that is not an opaque id: it is public for ever. */
export function moveInstructions(plan: MovePlan): TransactionInstruction[] {
  const { hub, mint, mintAuthority, from, to, memo } = plan;
  if (!memoPattern.test(memo) || /^\d+$/.test(memo)) throw new Error('the memo is no opaque id');
  const newcomers = [from, to].filter((holder) => holder?.isNew) as Holder[];
  return [
    SystemProgram.createAccountWithSeed({
      fromPubkey: hub,
      basePubkey: hub,
      seed: plan.marker.seed,
      newAccountPubkey: plan.marker.address,
      lamports: plan.markerRentLamports,
      space: 0,
      programId: SystemProgram.programId,
    }),
    ...computeBudget(plan.priceMicroLamports, newcomers.length),
    ...newcomers.map(({ owner, tokenAccount }) =>
      createAssociatedTokenAccountIdempotentInstruction(hub, tokenAccount, owner, mint),
    ),
    ...(plan.approve ? [approval(plan)] : []),
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
    to === undefined ? burn(plan) : transfer(plan, to),
    new TransactionInstruction({
      programId: memoProgram,
      keys: [],
      data: Buffer.from(memo, 'utf8'),
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
  ...computeBudget(priceMicroLamports, 0),
  createInitializeMint2Instruction(mint, tokenDecimals, mintAuthority, null),
];

function computeBudget(priceMicroLamports: number, newAccounts: number): TransactionInstruction[] {
  const units = computeUnits.move + newAccounts * computeUnits.newAccount;
  const microLamports = Math.min(priceMicroLamports, priceMaxMicroLamports);
  return [
    ComputeBudgetProgram.setComputeUnitLimit({ units }),
    ...(microLamports > 0 ? [ComputeBudgetProgram.setComputeUnitPrice({ microLamports })] : []),
  ];
}

const approval = ({ hub, mint, from }: MovePlan) =>
  createApproveCheckedInstruction(
    from.tokenAccount,
    mint,
    hub,
    from.owner,
    allowanceMax,
    tokenDecimals,
  );

const burn = ({ hub, mint, from, energyWh }: MovePlan) =>
  createBurnCheckedInstruction(from.tokenAccount, mint, hub, BigInt(energyWh), tokenDecimals);

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

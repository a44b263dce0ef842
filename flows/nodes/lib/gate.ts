/** The two nodes of a gate: a proposal comes in, a decision goes out. */
import { type Proposal, readProposal, toDecision } from './decision.ts';
import { hubOf, showHub } from './hub.ts';
import type { FlowNode, GateOffer, NodeRed } from './node-red.ts';
import { householdsIn } from './topics.ts';

type InConfig = {
  readonly id: string;
  readonly hub: string;
  /** Empty: it listens only, and nothing waits for it. */
  readonly gate?: string;
  readonly households?: string;
  readonly onSilence?: string;
};

/** A name as the gateway takes it: "Clinic’s fridge" is `clinic-s-fridge`. */
export const gateNameOf = (written: string): string =>
  written
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);

function offerOf({ gate = '', households, onSilence }: InConfig): GateOffer | undefined {
  const name = gateNameOf(gate);
  if (name === '') return undefined;
  const some = householdsIn(households);
  return {
    name,
    scope: some.length === 0 ? 'all' : some,
    onSilence: onSilence === 'proceed' ? 'proceed' : 'hold',
  };
}

/** Registers `jirani-proposal` and `jirani-decision`. */
export function gateNodes(red: NodeRed): void {
  red.nodes.registerType('jirani-proposal', proposalNode(red) as never);
  red.nodes.registerType('jirani-decision', decisionNode(red) as never);
}

const proposalNode = (red: NodeRed) =>
  function JiraniProposal(this: FlowNode, config: InConfig): void {
    red.nodes.createNode(this, config);
    const hub = hubOf(red, this, config.hub);
    if (hub === undefined) return;
    const offer = offerOf(config);
    const some = householdsIn(config.households);
    const isOurs = ({ gates, household }: Proposal): boolean =>
      offer === undefined
        ? some.length === 0 || some.includes(household)
        : gates.includes(offer.name);
    const ends = [
      showHub(hub, this),
      ...(offer === undefined ? [] : [hub.gate(offer)]),
      hub.listen('proposals/+/open', (topic, body) => {
        const proposal = readProposal(body);
        if (proposal === undefined || !isOurs(proposal)) return;
        this.status({ fill: 'blue', shape: 'dot', text: `${proposal.energyWh} Wh` });
        this.send({ topic, payload: proposal, proposal, gate: offer?.name });
      }),
    ];
    this.on('close', (_removed, done) => {
      for (const end of ends) end();
      done();
    });
  };

const decisionNode = (red: NodeRed) =>
  function JiraniDecision(this: FlowNode, config: { readonly id: string; readonly hub: string }) {
    red.nodes.createNode(this, config);
    const hub = hubOf(red, this, config.hub);
    if (hub === undefined) return;
    const showing = showHub(hub, this);
    this.on('input', ({ proposal, gate, payload, reason }, _send, done) => {
      if (proposal === undefined || gate === undefined)
        return done(new Error('wire this behind a proposal node that has a gate’s name'));
      const decision = toDecision(proposal, payload, reason);
      if (decision === undefined)
        return done(
          new Error('say approve, veto, or how many watt-hours, never more than proposed'),
        );
      hub.say(`proposals/${proposal.id}/decision`, { v: 1, ...decision, gate });
      const fill = decision.decision === 'veto' ? 'red' : 'green';
      this.status({ fill, shape: 'dot', text: decision.decision });
      done();
    });
    this.on('close', (_removed, done) => {
      showing();
      done();
    });
  };

/** The hub as a configuration node. It needs no settings: the hub wrote down where it is. */
import { type Link, openLink } from './link.ts';
import type { FlowNode, Hub, NodeRed } from './node-red.ts';

/** Registers `jirani-hub`. */
export function hubNode(red: NodeRed): void {
  function JiraniHub(this: FlowNode & Hub, config: { readonly id: string }): void {
    red.nodes.createNode(this, config);
    const access = red.settings.jirani;
    if (access === undefined) {
      this.error('the hub has not said where it is: start Node-RED through the hub');
      return;
    }
    let said = '';
    const link: Link = openLink(access, ({ message }) => {
      // The same trouble once: the hub may be away for a week.
      if (message !== said) this.error(`the hub cannot be reached: ${message}`);
      said = message;
    });
    Object.assign(this, link);
    this.on('close', (removed, done) => {
      link.end(removed).then(done, done);
    });
  }
  red.nodes.registerType('jirani-hub', JiraniHub as never);
}

/** The hub that a node was pointed at; a node without one says so and does nothing. */
export function hubOf(red: NodeRed, node: FlowNode, id: string): Hub | undefined {
  const hub = red.nodes.getNode(id) as Hub | null;
  if (hub?.listen !== undefined) return hub;
  node.status({ fill: 'red', shape: 'ring', text: 'no hub' });
  return undefined;
}

/** Shows below the node whether the hub can be heard; ends with the node. */
export function showHub(hub: Hub, node: FlowNode): () => void {
  return hub.watch((connected) =>
    node.status(connected ? {} : { fill: 'yellow', shape: 'ring', text: 'hub away' }),
  );
}

export { gateNodes as default } from '../lib/gate.ts';

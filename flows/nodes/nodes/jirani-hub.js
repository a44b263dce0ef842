export { hubNode as default } from '../lib/hub.ts';

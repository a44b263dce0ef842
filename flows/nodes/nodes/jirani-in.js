export { inNodes as default } from '../lib/in.ts';

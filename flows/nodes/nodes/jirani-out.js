export { outNodes as default } from '../lib/out.ts';

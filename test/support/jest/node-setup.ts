import { prepareBundles } from './prepare.ts';

/** Runs once before the tests that need nothing but Node. */
const prepare = async (): Promise<void> => prepareBundles();

export default prepare;

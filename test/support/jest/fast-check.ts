import fc from '../../../node_modules/fast-check/lib/cjs/fast-check.js';

// CI draws the same samples each time it runs the same sources; at a desk, each run draws others.
const { PROPERTY_SEED } = process.env;
if (PROPERTY_SEED) fc.configureGlobal({ seed: Number(PROPERTY_SEED) });

export default fc;

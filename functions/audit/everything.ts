// What looks at other resources than jobs need besides their gatherers. Most events of an account are of jobs, so the
// function loads this, which brings the policy engine, with the first request that needs it.
export { CONTROLS } from '../../shared/controls/index.ts';
export { accountEvidence, readRoster } from '../../shared/facts/account-evidence.ts';
export { accountIndex } from './account-index.ts';

import { pythonProgram } from '../../test/support/python/python-env.ts';

/** The paths of the programs in Custodian's environment. */
export const custodianPrograms = {
  custodian: pythonProgram('bench-c7n', 'custodian'),
  python: pythonProgram('bench-c7n', 'python'),
} as const;

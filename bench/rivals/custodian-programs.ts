import { pythonProgram } from '../../test/support/python/python-env.ts';

/** Where the programs of Custodian's environment are. */
export const custodianPrograms = {
  custodian: pythonProgram('bench-c7n', 'custodian'),
  python: pythonProgram('bench-c7n', 'python'),
} as const;

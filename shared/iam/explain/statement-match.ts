import type { Layer } from '../decide/layers.ts';
import type { Match } from '../decide/match.ts';
import type { CompiledStatement } from '../decide/policy-index.ts';
import type { Trace } from '../decide/trace.ts';

/** A statement, and how far each of its elements matches a request. */
export type StatementMatch = {
  layer: Layer;
  compiled: CompiledStatement;
  action: Match;
  resource: Match;
  principal: Match;
  conditions: readonly Match[];
  trace: Trace;
};

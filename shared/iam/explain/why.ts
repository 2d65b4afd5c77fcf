import type { LayerName } from '../decide/layers.ts';
import type { DecidingStatement, Explanation } from './explain.ts';

/** Two fields of evidence: the place of a decision, and what is found there. */
export type Why = { at: string; found: string };

/** Says in one sentence why a request was decided as it was, naming the policy and the statement. */
export const why = (explanation: Explanation, action: string, resource: string): Why => {
  const { decision, decidedBy, nearest, failedLayer, because, missingContext, doubts } = explanation;
  // An SCP grants nothing by itself, so the statement of a granting layer is named first.
  const first = decidedBy.find(({ layer }) => layer === 'identity' || layer === 'resource') ?? decidedBy[0];
  switch (decision) {
    case 'Allow': {
      const granting = decidedBy.find(({ layer }) => GRANTING.includes(layer)) ?? first;
      return {
        at: granting ? placeOf(granting) : 'policies',
        found: `${granting ? `statement ${granting.statement} ` : ''}allows ${action} on ${resource}`,
      };
    }
    case 'ExplicitDeny':
      return {
        at: first ? placeOf(first) : 'policies',
        found: `statement ${first?.statement ?? ''} denies ${action} on ${resource}`,
      };
    case 'ImplicitDeny': {
      if (because !== undefined) return { at: 'principal', found: because };
      const layer = failedLayer?.layer ?? 'identity';
      if (!nearest || nearest.element === 'Action')
        return {
          at: nearest && layer !== 'identity' ? nearest.policy : LAYERS[layer],
          found: `nothing there allows ${action} on ${resource}`,
        };
      const { element, expected } = nearest;
      const has = expected.startsWith(NOT)
        ? `Not${element} ${expected.slice(NOT.length)}`
        : `${element} ${expected}`;
      return {
        at: `${nearest.policy}${nearest.elementPointer}`,
        found: `${action} on ${resource} is not allowed: the nearest statement, ${nearest.statement}, has ${has}`,
      };
    }
    case 'Unknown': {
      const reasons = [
        ...(missingContext.length > 0 ? [`the value of ${missingContext.join(', ')} is not known`] : []),
        ...doubts,
      ];
      return {
        at: first ? placeOf(first) : 'policies',
        found: `whether ${action} on ${resource} is allowed is not known: ${reasons.join('; ') || 'there are too many cases'}`,
      };
    }
  }
};

/**
 * The layers that grant permissions. The other layers only limit them, so changing a statement there would not take
 * the permission away.
 */
const GRANTING: readonly LayerName[] = ['identity', 'resource'];

/** How an element begins that means everything but what it lists. */
const NOT = 'none of ';

/** Policy and statement: `arn:…:policy/Name/Statement/0`. */
const placeOf = ({ policy, pointer }: DecidingStatement): string => `${policy}${pointer}`;

const LAYERS: Readonly<Record<LayerName, string>> = {
  rcp: 'resource control policies',
  scp: 'service control policies',
  resource: 'policy of the resource',
  identity: 'identity policies',
  boundary: 'permissions boundary',
  session: 'session policy',
  endpoint: 'policy of the VPC endpoint',
};

import { grantsOf } from '../concerns/sharing.ts';
import type { Config } from '../config/schema.ts';
import { parseArn, sagemakerArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import { groupBy } from '../group-by.ts';
import type { PipelineShare } from '../reader/reader.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import { pipelinePatterns } from './found-prefixes.ts';
import type { Noted } from './noted.ts';

type SharedWith = Exclude<NonNullable<Config['sharedWith']>[number], string>;

/** Whom shares let work with pipelines: those to propose, and those whom a proposal leaves out, each as a line. */
export type FoundShares = { entries: Noted<SharedWith>[]; leftOut: string[] };

/**
 * With whom AWS RAM shares pipelines. Only accounts, roles and users of the same organization are proposed, and only for
 * what a configuration can allow: to read, start, stop and retry. Whoever is outside, a whole organization or unit, and
 * whoever may do more, stays for an audit to tell.
 */
export const foundShares = (
  shares: readonly PipelineShare[],
  names: readonly string[],
  scope: Scope,
): FoundShares => {
  const grants = names.flatMap((name) => {
    const arn = sagemakerArn(scope, `pipeline/${name}`);
    const holding = shares.filter(({ pipelineArns }) =>
      pipelineArns.some((each) => each.toLowerCase() === arn.toLowerCase()),
    );
    return grantsOf({ name, arn }, holding, { sharedWith: [] }).map((grant) => ({ ...grant, name }));
  });
  const isProposed = ({ access, principal: { id, isExternal } }: (typeof grants)[number]): boolean =>
    !isExternal && (access === 'run' || access === 'read') && isOneOrAccount(id);
  const refused = new Set(grants.filter((grant) => !isProposed(grant)).map(({ principal: { id } }) => id));
  const byPrincipal = groupBy(grants, ({ principal: { id } }) => id);
  return {
    entries: [...byPrincipal]
      .filter(([id]) => !refused.has(id))
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([id, given]) => {
        const shared = [...new Set(given.map(({ name }) => name))];
        const places = [...new Set(given.map(({ share }) => share.name))];
        const may = given.some(({ access }) => access === 'run') ? 'read, start, stop and retry' : 'read';
        return {
          value: { principals: [id], pipelines: pipelinePatterns(shared, names) },
          notes: [
            `may ${may} ${counted(shared.length, 'pipeline')} by ${listed(places, 3)}, in the same organization`,
          ],
        };
      }),
    leftOut: [...refused].toSorted().map((id) => {
      const given = byPrincipal.get(id) ?? [];
      const isOutside = given.some(({ principal: { isExternal } }) => isExternal);
      return `${id}${isOutside ? ' (outside of the organization)' : ''}, which reaches ${listed([...new Set(given.map(({ name }) => name))], 3)} by ${listed([...new Set(given.map(({ share }) => share.name))], 3)}`;
    }),
  };
};

const isOneOrAccount = (id: string): boolean => /^\d{12}$/.test(id) || parseArn(id)?.service === 'iam';

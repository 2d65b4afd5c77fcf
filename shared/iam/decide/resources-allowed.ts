import type { PolicyIndex } from './policy-index.ts';

/**
 * The patterns of the resources on which policies may allow one of these actions, variables and what follows them open; undefined where
 * they may mean any resource. A quick answer: conditions and denials are not asked.
 */
export const resourcesAllowed = (
  { unreadable, candidates }: PolicyIndex,
  actions: readonly string[],
): string[] | undefined => {
  if (unreadable.length > 0) return undefined;
  const found = new Set<string>();
  for (const action of actions)
    for (const { statement } of candidates(action.toLowerCase()).allows) {
      const { resources } = statement;
      if (!resources || resources.isNot) return undefined;
      for (const text of resources.texts) {
        const at = text.indexOf('${');
        const pattern = at < 0 ? text : `${text.slice(0, at)}*`;
        if (/^\**$/.test(pattern)) return undefined;
        found.add(pattern);
      }
    }
  return [...found];
};

import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Status } from '../../../shared/domain/finding.ts';
import type { Control } from '../../../shared/judging/control.ts';
import { describeCases } from './cases.ts';
import { type Given, verdictsOf } from './control-cases.ts';

/** What a case states of a principal: the statements of its policy. */
type Allowing = { allow: readonly object[] };

/** The statuses that a control gives a principal with one of AWS’s managed policies, and perhaps with further statements. */
export const managedPolicyCases = (
  control: Control,
  given: (stated: Allowing) => Given,
  cases: readonly [policy: string, status: Status, more?: object][],
): void =>
  describeCases('policies/managed', 'managed policies', (folder) => {
    test.each(
      cases.map(([name, status, more]): [title: string, string, Status, object[]] => [
        `${name}${more ? ', and a further statement' : ''}: ${status}`,
        name,
        status,
        more ? [more] : [],
      ]),
    )('%s', (_, name, status, more) => {
      const { PolicyVersion } = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
      const verdicts = verdictsOf(control, given({ allow: [...PolicyVersion.Document.Statement, ...more] }));
      expect(verdicts.map((verdict) => verdict.status)).toEqual([status]);
    });
  });

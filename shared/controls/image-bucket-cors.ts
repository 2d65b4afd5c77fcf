import type { TriedRemediation } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import {
  corsDifferences,
  corsDocument,
  extraCorsRules,
  REQUIRED_CORS,
  sortedRules,
} from '../policies/required-cors.ts';
import type { CorsRule } from '../reader/reader.ts';
import { shellJson, shellText } from '../text/shell-text.ts';

export const control = defineControl({
  id: 'image-bucket-cors',
  system: 'CORS of image buckets',
  title: 'Image buckets have exactly the CORS configuration that pipelines need',
  severity: 'MEDIUM',
  on: ['bucket'],
  requires: ['imageBucket'],
  evaluate: ({ imageBucket }, config) => {
    if (imageBucket.because === undefined) return doesNotApply('no images are imported from it');
    const { name, because, cors } = imageBucket;
    const allowed = extraCorsRules(config);
    const [first, ...others] = corsDifferences(cors, allowed);
    if (!first) return [{ status: 'PASSED' }];
    const remediation = replacing(
      name,
      cors,
      allowed,
      `Replace the CORS configuration of ${name}, an image bucket because ${because}.`,
    );
    return [{ status: 'FAILED', evidence: [first, ...others], remediation }];
  },
});

/**
 * The command that puts the required rule beside the allowed ones. It is not given where a rule would go that lets pages
 * do more than PUT, because other web pages may need it.
 */
const replacing = (
  name: string,
  cors: readonly CorsRule[],
  allowed: readonly CorsRule[],
  text: string,
): TriedRemediation => {
  const { kept, others } = sortedRules(cors, allowed);
  const lost = [...new Set(others.flatMap(({ allowedMethods }) => allowedMethods))].filter(
    (method) => method.toUpperCase() !== 'PUT',
  );
  if (lost.length > 0)
    return {
      text: `${text} No command is given, because web pages may need what it would take away (${lost.join(', ')}): name such a rule in imageBuckets.extraRules if it is meant.`,
    };
  const bucket = `--bucket ${shellText(name)}`;
  const put = (rules: readonly CorsRule[]): string =>
    `aws s3api put-bucket-cors ${bucket} --cors-configuration ${shellJson(corsDocument(rules))}`;
  return {
    text,
    patch: put([REQUIRED_CORS, ...kept]),
    undo: cors.length === 0 ? `aws s3api delete-bucket-cors ${bucket}` : put(cors),
    changes: `Browsers let web pages of any origin write into ${name} (PUT) for those who have the permission; nobody’s permissions change.`,
  };
};

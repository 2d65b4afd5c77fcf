import type { ManifestUse } from '../definition/image-inputs.ts';
import type { TriedRemediation, Verdict } from '../domain/finding.ts';
import type { ImageBucketFact } from '../facts/facts.ts';
import { defineControl } from '../judging/control.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import {
  corsDifferences,
  corsDocument,
  corsRulesFound,
  extraCorsRules,
  hasReadingRulesBeside,
  manifestDifferences,
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
  satisfiedBy: ({ imageBucket }) =>
    imageBucket?.because === undefined ? [] : corsRulesFound(imageBucket.cors),
  evaluate: ({ imageBucket }, config) => {
    if (imageBucket.because === undefined) return doesNotApply('no images are imported from it');
    const { name, because, cors } = imageBucket;
    const allowed = extraCorsRules(config);
    if (imageBucket.manifest) return [ofManifest(imageBucket, imageBucket.manifest, allowed)];
    const [first, ...others] = corsDifferences(cors, allowed);
    if (!first) return [{ status: 'PASSED' }];
    if (hasReadingRulesBeside(cors, allowed))
      return [
        {
          status: 'FAILED',
          severity: 'LOW',
          evidence: [first, ...others],
          remediation: {
            text: `${name}, an image bucket because ${because}, has the required rule, and the further rule lets web pages read. Name it in imageBuckets.extraRules if it is meant (ground-truth is the name of the rule that Ground Truth needs), or else remove it.`,
          },
        },
      ];
    const remediation = replacing(
      name,
      cors,
      allowed,
      `Replace the CORS configuration of ${name}, an image bucket because ${because}.`,
    );
    return [{ status: 'FAILED', evidence: [first, ...others], remediation }];
  },
});

/** Only its contents tell where the images of a manifest lie, so that nothing is wrong for sure. */
const ofManifest = (
  { name, because, cors }: Extract<ImageBucketFact, { because: string }>,
  use: ManifestUse,
  allowed: readonly CorsRule[],
): Verdict => {
  const differences = manifestDifferences(cors, allowed, use);
  if (differences.length === 0) return { status: 'PASSED', because: ELSEWHERE };
  const expected = 'a bucket of which it is known whether images lie in it';
  return {
    status: 'NOT_AVAILABLE',
    severity: 'LOW',
    evidence: [{ at: name, found: `${because}, and ${ELSEWHERE}`, expected }, ...differences],
    remediation: {
      text: `Look into the manifest, and name the buckets of its images in imageBuckets.names, so that their CORS configuration is judged.`,
    },
  };
};

const ELSEWHERE = 'only the manifest tells in which buckets the images lie';

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

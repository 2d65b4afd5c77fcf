import type { Command } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';
import { imageBucketEntry } from '../judging/satisfying-entries.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { shellJson, shellText } from '../text/shell-text.ts';

export const control = defineControl({
  id: 'image-bucket-known',
  system: 'CORS of image buckets',
  title: 'Buckets that images come from are declared as image buckets',
  severity: 'LOW',
  on: ['bucket'],
  requires: ['imageSource'],
  satisfiedBy: ({ imageSource }, config) => (imageSource ? imageBucketEntry(imageSource.name, config) : []),
  evaluate: ({ imageSource: { name, arn, isDeclared, inputs } }, { imageBuckets }) => {
    if (isDeclared) return [{ status: 'PASSED' }];
    const [first, ...others] = inputs.map(({ pipelineName, step, manifest }) => ({
      at: `pipeline ${pipelineName}, step ${step}`,
      found: manifest
        ? `it ${manifest === 'read' ? 'reads' : 'starts labelling by'} a manifest in ${name}, whose images may lie in other buckets too`
        : `it reads images from ${name}`,
      expected: 'a bucket that imageBuckets names, or that carries its tag',
    }));
    if (!first) return doesNotApply('no step reads images from it');
    const also = inputs.some(({ manifest }) => manifest) ? ', and the buckets that the manifest names,' : '';
    const advice = `Add ${name}${also} to imageBuckets.names in pipewarden.yaml`;
    const [tag] = Object.entries(imageBuckets?.tags ?? {});
    return [
      {
        status: 'WARNING',
        evidence: [first, ...others],
        remediation: tag
          ? { text: `${advice}, or tag it ${tag[0]}=${tag[1]}.`, ...tagCommand(arn, tag) }
          : { text: `${advice}.` },
      },
    ];
  },
});

/** S3's own call would replace all tags of the bucket. */
const tagCommand = (arn: string, [key, value]: [string, string]): Command => ({
  patch: `aws resourcegroupstaggingapi tag-resources --resource-arn-list ${shellText(arn)} --tags ${shellJson({ [key]: value })}`,
  undo: `aws resourcegroupstaggingapi untag-resources --resource-arn-list ${shellText(arn)} --tag-keys ${shellText(key)}`,
  changes: `The bucket gets the tag ${key}=${value}, and its CORS configuration is judged; nobody’s access changes, unless a policy reads this tag.`,
});

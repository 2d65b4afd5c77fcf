import { defineControl } from '../judging/control.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { corsDifferences, REQUIRED_CORS_DOCUMENT } from '../policies/required-cors.ts';
import { shellJson, shellText } from '../text/shell-text.ts';

export const control = defineControl({
  id: 'image-bucket-cors',
  system: 'CORS of image buckets',
  title: 'Image buckets have exactly the CORS configuration that pipelines need',
  severity: 'MEDIUM',
  on: ['bucket'],
  requires: ['imageBucket'],
  evaluate: ({ imageBucket }) => {
    if (imageBucket.because === undefined) return doesNotApply('no images are imported from it');
    const [first, ...others] = corsDifferences(imageBucket.cors);
    if (!first) return [{ status: 'PASSED' }];
    return [
      {
        status: 'FAILED',
        evidence: [first, ...others],
        remediation: {
          text: `Replace the CORS configuration of ${imageBucket.name}, an image bucket because ${imageBucket.because}.`,
          patch: `aws s3api put-bucket-cors --bucket ${shellText(imageBucket.name)} --cors-configuration ${shellJson(REQUIRED_CORS_DOCUMENT)}`,
        },
      },
    ];
  },
});

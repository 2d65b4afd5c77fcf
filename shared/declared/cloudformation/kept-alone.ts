import { asText, member } from '../../json/json.ts';
import { once } from '../../memo.ts';
import type { Before } from '../with-earlier.ts';
import { readTemplateText } from './template-text.ts';

/**
 * Whether a resource of a template stays in the account without its stack: what a stack leaves out, or replaces, is deleted unless the
 * template says otherwise.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
 */
export const keptAlone = (template: string): Before['isKept'] => {
  const resources = once(() => member(readTemplateText('template', template).tree, 'Resources'));
  return (id, because) => {
    const policy = because === 'left out' ? 'DeletionPolicy' : 'UpdateReplacePolicy';
    const written = member(member(resources(), id), policy);
    // AWS::LanguageExtensions allows functions there.
    return written === undefined ? false : asText(written)?.startsWith('Retain');
  };
};

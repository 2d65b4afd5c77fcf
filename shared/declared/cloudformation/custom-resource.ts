import { asText, member } from '../../json/json.ts';
import { visibleName } from '../../text/visible-text.ts';
import { propertyOrigin } from './declared-parts.ts';
import { jsonProperty } from './embedded-text.ts';
import type { Resource } from './resource.ts';
import type { StackScene } from './scene.ts';

/** What the CDK makes of an AwsCustomResource: a function that makes the calls that its properties name. */
export const CALLING_RESOURCE = 'Custom::AWS';

/** https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html */
const CALLS = ['Create', 'Update', 'Delete'] as const;

/** The services whose resources are judged; the CDK writes their names, or those of the SDK’s packages. */
const JUDGED = /^(?:@aws-sdk\/client-)?(?:iam|kms|organizations|ram|s3|s3-?control|sagemaker)$/i;
const READING = /^(?:get|list|describe|head|batchget)/i;

/** Tells which calls a resource makes that change what is judged. What they change is not judged. */
export const reportCalls = (resource: Resource, scene: StackScene): void => {
  for (const name of CALLS) {
    if (!resource.propertyNames.includes(name)) continue;
    const call = scene.known(jsonProperty(resource, scene, name));
    const [service, action] = [asText(member(call, 'service')), asText(member(call, 'action'))];
    const origin = propertyOrigin(resource, name);
    const who = visibleName(resource.id);
    if (service === undefined || action === undefined)
      scene.report(origin, `what ${who} calls is not known; what that changes is not judged`);
    else if (JUDGED.test(service) && !READING.test(action))
      scene.report(
        origin,
        `${who} calls ${visibleName(action)} of ${visibleName(service.replace('@aws-sdk/client-', ''))}; what that changes is not judged`,
      );
  }
};

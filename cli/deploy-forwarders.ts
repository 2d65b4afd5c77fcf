import type { ConnectedAccount } from '../shared/aws/read/live-account.ts';
import {
  type ForwardedRegion,
  forwarderNames,
  homeIn,
  needsOwnName,
} from '../shared/events/forwarded-regions.ts';

/** The Regions in which the forwarding stack needs the home Region in its name, and what is to be said about that. */
type Forwarders = { ownNames: string[]; lines: string[] };

/** Finds out which forwarding stacks another deployment of the account uses. They stay as they are. */
export const chooseForwarders = async (
  { options, scope }: ConnectedAccount,
  forwarded: readonly ForwardedRegion[],
  stackPrefix: string | undefined,
): Promise<Forwarders> => {
  const { findStack } = await import('../shared/aws/deployment/stack-outputs.ts');
  const chosen = await Promise.all(
    forwarded.map(async ({ region }): Promise<Forwarders> => {
      const names = forwarderNames(region, scope.region, stackPrefix);
      const [plain, own] = await Promise.all([
        findStack({ ...options, region }, names.plain),
        findStack({ ...options, region }, names.own),
      ]);
      if (!needsOwnName({ plain, own }, scope.region)) return { ownNames: [], lines: [] };
      const ownNames = [region];
      if (plain === undefined) return { ownNames, lines: [] };
      if ('unknown' in plain)
        return {
          ownNames,
          lines: [
            `whether another deployment uses ${names.plain} (${region}) cannot be asked (${plain.unknown}): this one gets ${names.own}`,
          ],
        };
      const home = homeIn(plain.description);
      const whose = home === undefined ? 'of somebody else' : `of the deployment in ${home}`;
      return {
        ownNames,
        lines: [
          home === scope.region
            ? `${names.plain} (${region}) forwards the same events once more: remove it with aws cloudformation delete-stack --region ${region} --stack-name ${names.plain}`
            : `${names.plain} (${region}) is ${whose} and stays as it is: this one gets ${names.own}`,
        ],
      };
    }),
  );
  return {
    ownNames: chosen.flatMap(({ ownNames }) => ownNames),
    lines: chosen.flatMap(({ lines }) => lines),
  };
};

/** The account, Region and partition that an audit looks at. */
export type Scope = { account: string; region: string; partition: string };

/**
 * An account, and the Regions whose pipelines an audit reads. Users and roles are the same in all Regions, so that what is
 * said of them is said for all of these.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction.html
 */
export type AccountScope = { account: string; partition: string; regions: readonly [string, ...string[]] };

/** The scope of an account in one Region or, with others, in several. */
export const accountScope = (
  { account, partition, region }: Scope,
  others: readonly string[] = [],
): AccountScope => ({ account, partition, regions: [region, ...others.filter((each) => each !== region)] });

/** The same account in each of the Regions. */
export const inRegions = ({ account, partition, regions }: AccountScope): [Scope, ...Scope[]] => {
  const [first, ...others] = regions;
  const scopeIn = (region: string): Scope => ({ account, partition, region });
  return [scopeIn(first), ...others.map(scopeIn)];
};

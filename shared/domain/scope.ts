/** The account, Region and partition that an audit looks at. */
export type Scope = { account: string; region: string; partition: string };

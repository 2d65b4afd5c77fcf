import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbIndex } from '../shared/aws/keep/dynamodb-index.ts';
export const sizes = async (endpoint: string, account: string) => {
  const store = dynamodbIndex({ client: new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' } }), table: 'findings', account });
  const all: any = await store.read(['principals', 'managed-policies', 'groups', 'pipelines', 'whole-pipelines', 'whole-principals'] as any);
  for (const [k, m] of Object.entries(all) as any) console.log(k, m.size, JSON.stringify([...m]).length);
  const [first] = [...all.pipelines.values()].slice(3, 4); const v: any = first.value;
  console.log('pipeline', JSON.stringify(v).length, JSON.stringify(v.roles.map((r: any) => ({ n: r.needs.length, kinds: r.needs.map((x: any) => `${x.kind} ${x.need.action} ${x.need.isCode}`), untold: r.untold.length, handed: r.handed.length, foreign: r.foreign.length, open: r.open.length, size: JSON.stringify(r).length }))));
  console.log(JSON.stringify(v.roles[0].needs[0]), JSON.stringify(v.imageInputs).slice(0, 300));
};

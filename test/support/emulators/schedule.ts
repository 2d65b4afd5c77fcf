import { REGION } from '../builders/events.ts';
import type { DeployedWorld } from './deployed-world.ts';

type Schedule = { Name: string; Target: object };

/** Makes the Scheduler run a deployed schedule's target once, now: a second schedule gets the same target. */
export const runSchedule = async ({ client }: DeployedWorld, nameContains: string): Promise<void> => {
  const scheduler = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${client.endpoint}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        authorization: `AWS4-HMAC-SHA256 Credential=test/20261124/${REGION}/scheduler/aws4_request`,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const { Schedules } = await scheduler<{ Schedules: Schedule[] }>('GET', '/schedules');
  const named = Schedules.find(({ Name }) => Name.includes(nameContains));
  if (!named) throw new Error(`no schedule ${nameContains} among ${JSON.stringify(Schedules)}`);
  const { Target } = await scheduler<Schedule>('GET', `/schedules/${named.Name}`);
  await scheduler('POST', `/schedules/${named.Name}-now`, {
    ScheduleExpression: `at(${new Date().toISOString().slice(0, 19)})`,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target,
  });
};

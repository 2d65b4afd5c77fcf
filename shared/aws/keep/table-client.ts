import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';

/** The client of the findings table, for the command. */
export const dynamodbOf = (options: ClientOptions): DynamoDBClient =>
  namingActions('dynamodb', new DynamoDBClient(clientConfig(options)));

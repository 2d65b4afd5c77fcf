import { expect, test } from '@jest/globals';
import { actionsServicesOf } from '../../../shared/concerns/service-use.ts';
import { servicePrefixes } from '../../../shared/iam/lint/service-reference.ts';

/** Services of AWS that assume roles, by their names in trust policies without the domain. */
const SERVICES =
  `access-analyzer airflow airflow-env amplify observability.aoss apidestinations.events apigateway
  ops.apigateway appconfig appfabric appflow application-insights appmesh build.apprunner tasks.apprunner appstream
  appsync aps scraper.aps auditmanager autoscaling backup batch bcm-data-exports bedrock bedrock-agentcore
  preview.bedrock-agentcore braket budgets management.chatbot cleanrooms cleanrooms-ml cloud9 cloudformation cloudtrail
  cloudwatch codebuild codedeploy codepipeline cognito-identity cognito-idp email.cognito-idp comprehend config
  config-multiaccountsetup connect databrew datapipeline datasync datazone dax deadline credentials.deadline devicefarm
  discovery dlm dms docdb-elastic drs dynamodb ec2 ec2.application-autoscaling ec2fleet pullthroughcache.ecr ecs ecs-tasks
  edgelambda eks pods.eks eks-fargate-pods eks-nodegroup elasticbeanstalk elasticmapreduce elastictranscoder
  emr-containers emr-serverless ops.emr-serverless entityresolution es events evidently finspace firehose fis forecast
  frauddetector fsx gamelift glue grafana greengrass groundstation malware-protection-plan.guardduty healthlake
  imagebuilder inspector2 iot credentials.iot iotanalytics iotevents iotsitewise iottwinmaker ivs kafka kafkaconnect kendra
  kinesisanalytics lakeformation lambda replicator.lambda lex lexv2 license-manager delivery.logs logs lookoutmetrics m2
  macie2 mediaconvert medialive memorydb mgn mwaa-serverless network-firewall omics opensearchservice opsworks-cm osis-pipelines
  panorama personalize pinpoint pipes proton application.qbusiness qbusiness quicksight rds monitoring.rds redshift
  redshift-serverless scheduler.redshift rekognition resiliencehub robomaker rolesanywhere rum batchoperations.s3
  sagemaker sagemaker-geospatial scheduler securitylake serverlessrepo servicecatalog ses drt.shield signer
  simspaceweaver sns spotfleet ssm ssm-incidents member.org.stacksets.cloudformation states storagegateway
  synthetics textract timestream transcribe transfer translate verifiedpermissions vmie vpc-flow-logs vpc-lattice wafv2
  workmail workspaces workspaces-web`.split(/\s+/);

test.each(SERVICES)('actions of IAM are found for %s', (service) => {
  const found = actionsServicesOf(`${service}.amazonaws.com`);
  expect(found.filter((name) => servicePrefixes().has(name))).not.toEqual([]);
});

test.each([
  ['sagemaker.amazonaws.com', ['sagemaker']],
  ['states.eu-west-1.amazonaws.com', ['states', 'eu', 'eu-west', 'eu-west-1']],
  ['pods.eks.amazonaws.com', ['pods', 'eks']],
  ['airflow-env.amazonaws.com', ['airflow', 'airflow-env']],
  ['ec2.amazonaws.com.cn', ['ec2']],
  ['vmie.amazonaws.com', ['vmie', 'ec2']],
])('%s is put to work by actions of %j', (service, expected) => {
  expect(actionsServicesOf(service)).toEqual(expected);
});

import type { AccountPrincipal } from '../facts/facts.ts';

/** The policies that AWS gives to the roles of SageMaker’s projects, which it makes in the account. */
const OF_PROJECTS =
  /^arn:[^:]*:iam::aws:policy\/(?:service-role\/)?AmazonSageMaker(?:Admin-)?ServiceCatalogProducts/;

/**
 * Whether a role is one of those that AWS makes for the projects of SageMaker: services alone assume it, and it has AWS’s
 * own policies for that and no others. A name alone proves nothing, because anyone may give it to a role.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol-sc.html
 */
export const isOfProjects = (by: AccountPrincipal): boolean => {
  const own = by.identity.policies.identity?.policies ?? [];
  return (
    own.length > 0 &&
    own.every(({ name, isReadable }) => isReadable && OF_PROJECTS.test(name)) &&
    isForServicesAlone(by)
  );
};

const isForServicesAlone = (by: AccountPrincipal, services = /^/): boolean => {
  const { trust } = by.identity;
  return (
    trust?.isReadable === true &&
    trust.statements.some(({ effect }) => effect === 'Allow') &&
    trust.statements.every(
      ({ effect, principals }) =>
        effect === 'Deny' ||
        (principals !== undefined &&
          !principals.isNot &&
          principals.principals.every(({ type, value }) => type === 'Service' && services.test(value))),
    )
  );
};

/**
 * Whether only services that deploy what templates or blueprints describe can assume the role.
 * https://docs.aws.amazon.com/servicecatalog/latest/adminguide/constraints-launch.html
 * https://docs.aws.amazon.com/sagemaker-unified-studio/latest/adminguide/AmazonSageMakerProvisioning.html
 */
export const isDeployer = (by: AccountPrincipal): boolean => isForServicesAlone(by, DEPLOYERS);
const DEPLOYERS =
  /^(?:cloudformation|servicecatalog|datazone|stacksets\.cloudformation|member\.org\.stacksets\.cloudformation)\./;

/**
 * Whether Service Catalog alone can assume the role, to make what products describe. Who launches a product chooses neither its template nor
 * what the role passes. https://docs.aws.amazon.com/servicecatalog/latest/adminguide/constraints-launch.html
 */
export const isForProducts = (by: AccountPrincipal): boolean => isForServicesAlone(by, /^servicecatalog\./);

/**
 * Whether a role has the name and path of those that AWS makes for the projects of SageMaker, and services alone assume it.
 * All projects of an account share them, whatever their policies are, so that they are no team’s.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-projects-studio-updates.html
 */
export const isMadeForProjects = (by: AccountPrincipal): boolean =>
  FOR_PROJECTS.test(by.identity.principal.arn) && isForServicesAlone(by);
const FOR_PROJECTS = /:role\/service-role\/AmazonSageMakerServiceCatalogProducts[A-Za-z]*Role$/;

/** What to do about a role of projects, which no command changes: its policies are AWS’s. */
export const OF_PROJECTS_ADVICE =
  'AWS makes this role for the projects of SageMaker and gives it these policies. See to it that only templates which you trust use it, or leave the projects’ templates without it.';

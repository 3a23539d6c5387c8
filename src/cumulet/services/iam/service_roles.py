"""Service-linked roles: which services have one, how it is called, and which of AWS's policies it has.

Each service's own documentation names them ("Using service-linked roles for …").
"""

from __future__ import annotations

import json
from typing import NamedTuple

PATH = "/aws-service-role/"
RESERVED = "/aws-reserved/"            # of roles that services make and change, such as those of IAM Identity Center
_PREFIX = "AWSServiceRoleFor"
_SUFFIXED = frozenset(("autoscaling", "connect", "lexv2"))       # those that take a CustomSuffix

# Service principal (without .amazonaws.com): name (behind AWSServiceRoleFor), policy.
_LINKED = """
access-analyzer: AccessAnalyzer, AccessAnalyzerServiceRolePolicy
acm: CertificateManager, CertificateManagerServiceRolePolicy
airflow: AmazonMWAA, AmazonMWAAServiceRolePolicy
apidestinations.events: AmazonEventBridgeApiDestinations, AmazonEventBridgeApiDestinationsServiceRolePolicy
appmesh: AppMesh, AWSAppMeshServiceRolePolicy
apprunner: AppRunner, AppRunnerServiceRolePolicy
appstream.application-autoscaling: ApplicationAutoScaling_AppStreamFleet, AWSApplicationAutoscalingAppStreamFleetPolicy
appsync: AppSync, AWSAppSyncServiceRolePolicy
autoscaling: AutoScaling, AutoScalingServiceRolePolicy
autoscaling-plans: AutoScalingPlans_EC2AutoScaling, AWSAutoScalingPlansEC2AutoScalingPolicy
backup: Backup, AWSBackupServiceLinkedRolePolicyForBackup
batch: Batch, BatchServiceRolePolicy
budgets: Budgets, BudgetsServiceRolePolicy
cassandra.application-autoscaling: ApplicationAutoScaling_CassandraTable, AWSApplicationAutoscalingCassandraTablePolicy
cks.kms: KeyManagementServiceCustomKeyStores, AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy
clientvpn: ClientVPN, ClientVPNServiceRolePolicy
cloud9: AWSCloud9, AWSCloud9ServiceRolePolicy
cloudhsm: CloudHSM, CloudHSMServiceRolePolicy
cloudtrail: CloudTrail, CloudTrailServiceRolePolicy
codestar-notifications: CodeStarNotifications, AWSCodeStarNotificationsServiceRolePolicy
cognito-idp: AmazonCognitoIdp, AmazonCognitoIdpServiceRolePolicy
comprehend.application-autoscaling: ApplicationAutoScaling_ComprehendEndpoint, AWSApplicationAutoscalingComprehendEndpointPolicy
compute-optimizer: ComputeOptimizer, ComputeOptimizerServiceRolePolicy
config: Config, AWSConfigServiceRolePolicy
config-conforms: ConfigConforms, ConfigConformsServiceRolePolicy
config-multiaccountsetup: ConfigMultiAccountSetup, AWSConfigMultiAccountSetupPolicy
connect: AmazonConnect, AmazonConnectServiceLinkedRolePolicy
contributorinsights.dynamodb: DynamoDBCloudWatchContributorInsights, DynamoDBCloudWatchContributorInsightsServiceRolePolicy
custom-resource.application-autoscaling: ApplicationAutoScaling_CustomResource, AWSApplicationAutoScalingCustomResourcePolicy
dax: DAX, DAXServiceRolePolicy
devops-guru: DevOpsGuru, AmazonDevOpsGuruServiceRolePolicy
dynamodb.application-autoscaling: ApplicationAutoScaling_DynamoDBTable, AWSApplicationAutoscalingDynamoDBTablePolicy
ec2.application-autoscaling: ApplicationAutoScaling_EC2SpotFleetRequest, AWSApplicationAutoscalingEC2SpotFleetRequestPolicy
ec2fleet: EC2Fleet, AWSEC2FleetServiceRolePolicy
ecs: ECS, AmazonECSServiceRolePolicy
ecs.application-autoscaling: ApplicationAutoScaling_ECSService, AWSApplicationAutoscalingECSServicePolicy
eks: AmazonEKS, AmazonEKSServiceRolePolicy
eks-connector: AmazonEKSConnector, AmazonEKSConnectorServiceRolePolicy
eks-fargate: AmazonEKSForFargate, AmazonEKSForFargateServiceRolePolicy
eks-nodegroup: AmazonEKSNodegroup, AWSServiceRoleForAmazonEKSNodegroup
elasticache: ElastiCache, ElastiCacheServiceRolePolicy
elasticache.application-autoscaling: ApplicationAutoScaling_ElastiCacheRG, AWSApplicationAutoscalingElastiCacheRGPolicy
elasticbeanstalk: ElasticBeanstalk, AWSElasticBeanstalkServiceRolePolicy
elasticfilesystem: AmazonElasticFileSystem, AmazonElasticFileSystemServiceRolePolicy
elasticloadbalancing: ElasticLoadBalancing, AWSElasticLoadBalancingServiceRolePolicy
elasticmapreduce: EMRCleanup, AmazonEMRCleanupPolicy
email.cognito-idp: AmazonCognitoIdpEmailService, AmazonCognitoIdpEmailServiceRolePolicy
es: AmazonElasticsearchService, AmazonElasticsearchServiceRolePolicy
events: CloudWatchEvents, CloudWatchEventsServiceRolePolicy
fis: FIS, AmazonFISServiceRolePolicy
fms: FMS, FMSServiceRolePolicy
fsx: AmazonFSx, AmazonFSxServiceRolePolicy
globalaccelerator: GlobalAccelerator, AWSGlobalAcceleratorSLRPolicy
guardduty: AmazonGuardDuty, AmazonGuardDutyServiceRolePolicy
imagebuilder: ImageBuilder, AWSServiceRoleForImageBuilder
inspector2: AmazonInspector2, AmazonInspector2ServiceRolePolicy
ipam: IPAM, AWSIPAMServiceRolePolicy
kafka: Kafka, KafkaServiceRolePolicy
kafka.application-autoscaling: ApplicationAutoScaling_KafkaCluster, AWSApplicationAutoscalingKafkaClusterPolicy
kafkaconnect: KafkaConnect, KafkaConnectServiceRolePolicy
kinesisreplication.dynamodb: DynamoDBKinesisDataStreamsReplication, DynamoDBKinesisReplicationServiceRolePolicy
lakeformation: LakeFormationDataAccess, LakeFormationDataAccessServiceRolePolicy
lambda.application-autoscaling: ApplicationAutoScaling_LambdaConcurrency, AWSApplicationAutoscalingLambdaConcurrencyPolicy
lexv2: LexV2Bots, AmazonLexV2BotPolicy
license-manager: AWSLicenseManagerRole, AWSLicenseManagerServiceRolePolicy
logger.cloudfront: CloudFrontLogger, AWSCloudFrontLogger
macie: AmazonMacie, AmazonMacieServiceRolePolicy
maintenance.elasticbeanstalk: ElasticBeanstalkMaintenance, AWSElasticBeanstalkMaintenance
malware-protection.guardduty: AmazonGuardDutyMalwareProtection, AmazonGuardDutyMalwareProtectionServiceRolePolicy
managedupdates.elasticbeanstalk: ElasticBeanstalkManagedUpdates, AWSElasticBeanstalkManagedUpdatesServiceRolePolicy
member.org.stacksets.cloudformation: CloudFormationStackSetsOrgMember, CloudFormationStackSetsOrgMemberServiceRolePolicy
memorydb: MemoryDB, MemoryDBServiceRolePolicy
mq: AmazonMQ, AmazonMQServiceRolePolicy
mrk.kms: KeyManagementServiceMultiRegionKeys, AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy
neptune.application-autoscaling: ApplicationAutoScaling_NeptuneCluster, AWSApplicationAutoscalingNeptuneClusterPolicy
network-firewall: NetworkFirewall, AWSNetworkFirewallServiceRolePolicy
networking.apprunner: AppRunnerNetworking, AppRunnerNetworkingServiceRolePolicy
networkmanager: NetworkManager, AWSNetworkManagerServiceRolePolicy
opensearchservice: AmazonOpenSearchService, AmazonOpenSearchServiceRolePolicy
ops.apigateway: APIGateway, APIGatewayServiceRolePolicy
organizations: Organizations, AWSOrganizationsServiceTrustPolicy
pullthroughcache.ecr: ECRPullThroughCache, AWSECRPullThroughCache_ServiceRolePolicy
ram: ResourceAccessManager, AWSResourceAccessManagerServiceRolePolicy
rds: RDS, AmazonRDSServiceRolePolicy
rds.application-autoscaling: ApplicationAutoScaling_RDSCluster, AWSApplicationAutoscalingRDSClusterPolicy
redshift: Redshift, AmazonRedshiftServiceLinkedRolePolicy
replication.dynamodb: DynamoDBReplication, DynamoDBReplicationServiceRolePolicy
replication.ecr: ECRReplication, ECRReplicationServiceRolePolicy
replicator.lambda: LambdaReplicator, AWSLambdaReplicator
resource-explorer-2: ResourceExplorer, AWSResourceExplorerServiceRolePolicy
route53resolver: Route53Resolver, Route53ResolverServiceRolePolicy
sagemaker.application-autoscaling: ApplicationAutoScaling_SageMakerEndpoint, AWSApplicationAutoscalingSageMakerEndpointPolicy
securityhub: SecurityHub, AWSSecurityHubServiceRolePolicy
servicequotas: ServiceQuotas, ServiceQuotasServiceRolePolicy
ses: AmazonSES, AmazonSESServiceRolePolicy
shield: AWSShield, AWSShieldServiceRolePolicy
spot: EC2Spot, AWSEC2SpotServiceRolePolicy
spotfleet: EC2SpotFleet, AWSEC2SpotFleetServiceRolePolicy
ssm: AmazonSSM, AmazonSSMServiceRolePolicy
sso: SSO, AWSSSOServiceRolePolicy
stacksets.cloudformation: CloudFormationStackSetsOrgAdmin, CloudFormationStackSetsOrgAdminServiceRolePolicy
support: Support, AWSSupportServiceRolePolicy
transitgateway: VPCTransitGateway, AWSVPCTransitGatewayServiceRolePolicy
trustedadvisor: TrustedAdvisor, AWSTrustedAdvisorServiceRolePolicy
vpc-lattice: VpcLattice, AWSVpcLatticeServiceRolePolicy
waf: WAFLogging, WAFLoggingServiceRolePolicy
wafv2: WAFV2Logging, WAFV2LoggingServiceRolePolicy
"""


class Linked(NamedTuple):
    """The role of one service."""

    principal: str
    name: str
    policy: str
    suffixed: bool

    @property
    def trust(self) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": self.principal}, "Action": "sts:AssumeRole"}]})


def every() -> list[Linked]:
    """All that are known."""
    found = []
    for line in _LINKED.strip().splitlines():
        service, _, rest = line.partition(": ")
        name, _, policy = rest.partition(", ")
        found.append(Linked(f"{service}.amazonaws.com", _PREFIX + name, f"arn:aws:iam::aws:policy{PATH}{policy}",
                            service in _SUFFIXED))
    return found


def of(principal: str) -> Linked | None:
    """The role of a service, by its principal."""
    return next((one for one in every() if one.principal == principal), None)


def task_id(principal: str, role: str, unique: str) -> str:
    """As DeleteServiceLinkedRole tells it."""
    return f"task{PATH}{principal}/{role}/{unique}"

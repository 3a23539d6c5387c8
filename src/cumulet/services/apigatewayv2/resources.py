"""What exists in API Gateway version 2: APIs and what they are made of, deployments, stages, domain names, VPC links."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, resource, stored

_TAGS = Tagging("TagResource", "UntagResource", "GetTags")
_NO_TAGS = "API Gateway has tags on APIs, stages, domain names and VPC links only."


@resource("AWS::ApiGatewayV2::Api", id="ApiId", arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}",
          missing="NotFoundException", missing_message="Invalid API identifier specified {id}", verbs=Verbs(list="GetApis"),
          tags=_TAGS, columns=("ApiId", "Name", "ProtocolType", "created"),
          returns={"ApiId": "ApiId", "ApiEndpoint": "ApiEndpoint"})
class Api(Resource, kw_only=True):
    """An HTTP or WebSocket API. ApiEndpoint: as its maker reaches it.  managed: the parts that quick create made, by kind."""

    ApiId: str = ""
    ApiEndpoint: str = ""
    Name: str
    ProtocolType: Annotated[str, fixed] = "HTTP"
    RouteSelectionExpression: str = ""
    ApiKeySelectionExpression: str = "$request.header.x-api-key"
    CorsConfiguration: dict[str, Any] | None = None
    Description: str | None = None
    DisableSchemaValidation: bool | None = None
    DisableExecuteApiEndpoint: bool = False
    IpAddressType: str = "ipv4"
    Version: str | None = None
    ImportInfo: list[str] | None = None
    Warnings: list[str] | None = None
    managed: dict[str, str] = {}


@resource("AWS::ApiGatewayV2::Route", id=("ApiId", "RouteId"),
          arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/routes/{RouteId}", missing="NotFoundException",
          missing_message="Invalid Route identifier specified", verbs=Verbs(list="GetRoutes"), tags=_NO_TAGS,
          columns=("ApiId", "RouteId", "RouteKey"), returns={"RouteId": "RouteId"},
          delete_after=("AWS::ApiGatewayV2::RouteResponse",))
class Route(Resource, kw_only=True):
    """Which requests go where: `GET /pets/{id}`, `$default`, `$connect`."""

    ApiId: Annotated[str, fixed]
    RouteId: str = ""
    RouteKey: str
    Target: str | None = None
    ApiKeyRequired: bool = False
    AuthorizationScopes: list[str] | None = None
    AuthorizationType: str = "NONE"
    AuthorizerId: str | None = None
    ModelSelectionExpression: str | None = None
    OperationName: str | None = None
    RequestModels: dict[str, str] | None = None
    RequestParameters: dict[str, Any] | None = None
    RouteResponseSelectionExpression: str | None = None


@resource("AWS::ApiGatewayV2::RouteResponse", id=("ApiId", "RouteId", "RouteResponseId"),
          arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/routes/{RouteId}/routeresponses/{RouteResponseId}",
          missing="NotFoundException", missing_message="Invalid RouteResponse identifier specified",
          verbs=Verbs(list="GetRouteResponses"), tags=_NO_TAGS, columns=("ApiId", "RouteId", "RouteResponseId"),
          returns={"RouteResponseId": "RouteResponseId"})
class RouteResponse(Resource, kw_only=True):
    """That a WebSocket route answers."""

    ApiId: Annotated[str, fixed]
    RouteId: Annotated[str, fixed]
    RouteResponseId: str = ""
    RouteResponseKey: str
    ModelSelectionExpression: str | None = None
    ResponseModels: dict[str, str] | None = None
    ResponseParameters: dict[str, Any] | None = None


@resource("AWS::ApiGatewayV2::Integration", id=("ApiId", "IntegrationId"),
          arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/integrations/{IntegrationId}", missing="NotFoundException",
          missing_message="Invalid Integration identifier specified", verbs=Verbs(list="GetIntegrations"), tags=_NO_TAGS,
          columns=("ApiId", "IntegrationId", "IntegrationType"), returns={"IntegrationId": "IntegrationId"},
          delete_after=("AWS::ApiGatewayV2::Route",))
class Integration(Resource, kw_only=True):
    """Who answers: a function, a server, a service of AWS."""

    ApiId: Annotated[str, fixed]
    IntegrationId: str = ""
    IntegrationType: str
    IntegrationUri: str | None = None
    IntegrationMethod: str | None = None
    IntegrationSubtype: str | None = None
    ConnectionId: str | None = None
    ConnectionType: str = "INTERNET"
    ContentHandlingStrategy: str | None = None
    CredentialsArn: str | None = None
    Description: str | None = None
    PassthroughBehavior: str | None = None
    PayloadFormatVersion: str | None = None
    RequestParameters: dict[str, str] | None = None
    RequestTemplates: dict[str, str] | None = None
    ResponseParameters: dict[str, dict[str, str]] | None = None
    TemplateSelectionExpression: str | None = None
    TimeoutInMillis: int = 30000
    TlsConfig: dict[str, str] | None = None


@resource("AWS::ApiGatewayV2::IntegrationResponse", id=("ApiId", "IntegrationId", "IntegrationResponseId"),
          arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/integrations/{IntegrationId}/integrationresponses/{IntegrationResponseId}",
          missing="NotFoundException", missing_message="Invalid IntegrationResponse identifier specified",
          verbs=Verbs(list="GetIntegrationResponses"), tags=_NO_TAGS,
          columns=("ApiId", "IntegrationId", "IntegrationResponseKey"),
          returns={"IntegrationResponseId": "IntegrationResponseId"})
class IntegrationResponse(Resource, kw_only=True):
    """What of a WebSocket integration's answer goes back."""

    ApiId: Annotated[str, fixed]
    IntegrationId: Annotated[str, fixed]
    IntegrationResponseId: str = ""
    IntegrationResponseKey: str
    ContentHandlingStrategy: str | None = None
    ResponseParameters: dict[str, str] | None = None
    ResponseTemplates: dict[str, str] | None = None
    TemplateSelectionExpression: str | None = None


@resource("AWS::ApiGatewayV2::Authorizer", id=("ApiId", "AuthorizerId"),
          arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/authorizers/{AuthorizerId}", missing="NotFoundException",
          missing_message="Invalid Authorizer identifier specified", verbs=Verbs(list="GetAuthorizers"), tags=_NO_TAGS,
          columns=("ApiId", "AuthorizerId", "Name", "AuthorizerType"), returns={"AuthorizerId": "AuthorizerId"},
          delete_after=("AWS::ApiGatewayV2::Route",))
class Authorizer(Resource, kw_only=True):
    """Who says whether a request may pass: a function, or an issuer of tokens. token: changes when its cache is emptied."""

    ApiId: Annotated[str, fixed]
    AuthorizerId: str = ""
    Name: str
    AuthorizerType: str
    IdentitySource: list[str] = []
    AuthorizerUri: str | None = None
    AuthorizerCredentialsArn: str | None = None
    AuthorizerPayloadFormatVersion: str | None = None
    AuthorizerResultTtlInSeconds: int | None = None
    EnableSimpleResponses: bool | None = None
    IdentityValidationExpression: str | None = None
    JwtConfiguration: dict[str, Any] | None = None


@resource("AWS::ApiGatewayV2::Model", id=("ApiId", "ModelId"),
          arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/models/{ModelId}", missing="NotFoundException",
          missing_message="Invalid Model identifier specified", verbs=Verbs(list="GetModels"), tags=_NO_TAGS,
          columns=("ApiId", "ModelId", "Name"), returns={"ModelId": "ModelId"})
class Model(Resource, kw_only=True):
    """The shape of a body: a JSON schema."""

    ApiId: Annotated[str, fixed]
    ModelId: str = ""
    Name: str
    Schema: str
    ContentType: str = "application/json"
    Description: str | None = None


@resource("AWS::ApiGatewayV2::Deployment", id=("ApiId", "DeploymentId"),
          arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/deployments/{DeploymentId}", missing="NotFoundException",
          missing_message="Invalid Deployment identifier specified", verbs=Verbs(list="GetDeployments"), tags=_NO_TAGS,
          columns=("ApiId", "DeploymentId", "created"), returns={"DeploymentId": "DeploymentId"},
          delete_after=("AWS::ApiGatewayV2::Stage",))
class Deployment(Resource, kw_only=True):
    """The API as it was at a moment. number: in order of their making."""

    ApiId: Annotated[str, fixed]
    DeploymentId: str = ""
    Description: str | None = None
    AutoDeployed: bool = False


@stored(key=("api", "deployment"))
class Snapshot(msgspec.Struct, kw_only=True):
    """What a deployment serves: routes, integrations, authorizers and their responses (see `deploying.Content`), packed."""

    api: str
    deployment: str
    content: bytes


@resource("AWS::ApiGatewayV2::Stage", id=("ApiId", "StageName"),
          arn="arn:{partition}:apigateway:{region}::/apis/{ApiId}/stages/{StageName}", missing="NotFoundException",
          missing_message="Invalid stage identifier specified", verbs=Verbs(list="GetStages"), tags=_TAGS,
          columns=("ApiId", "StageName", "DeploymentId"), returns={"Id": "StageName"})
class Stage(Resource, kw_only=True):
    """Under which name a deployment answers. flushed: when the cache of its authorizers was emptied."""

    ApiId: Annotated[str, fixed]
    StageName: Annotated[str, fixed]
    DeploymentId: str | None = None
    AutoDeploy: bool = False
    AccessLogSettings: dict[str, str] | None = None
    DefaultRouteSettings: dict[str, Any] = {}
    Description: str | None = None
    RouteSettings: dict[str, dict[str, Any]] = {}
    StageVariables: dict[str, str] = {}
    LastDeploymentStatusMessage: str | None = None
    modified: float = 0.0
    flushed: float = 0.0


@stored(key=("api", "stage", "authorizer", "source"), indexes={"until": ("until",)})
class Verdict(msgspec.Struct, kw_only=True):
    """What a function said of the values of an authorizer's identity sources (their hash), until then. simple: for all
    routes; else its policy decides. context: for integrations."""

    api: str
    stage: str
    authorizer: str
    source: bytes
    until: float
    at: float
    allowed: bool = False
    simple: bool = False
    policy: str = ""
    principal: str = ""
    context: dict[str, Any] = {}


@stored(key=("issuer",))
class IssuerKeys(msgspec.Struct, kw_only=True):
    """The public keys of an issuer of tokens, as it published them at a moment of the wall."""

    issuer: str
    keys: bytes
    at: float


@resource("AWS::ApiGatewayV2::DomainName", id="DomainName",
          arn="arn:{partition}:apigateway:{region}::/domainnames/{DomainName}", missing="NotFoundException",
          missing_message="Invalid domain name identifier specified", verbs=Verbs(list="GetDomainNames"), tags=_TAGS,
          columns=("DomainName", "created"))
class DomainName(Resource, kw_only=True):
    """A host of the user's own, whose mappings lead to APIs."""

    DomainName: Annotated[str, fixed]
    DomainNameConfigurations: list[dict[str, Any]] | None = None
    MutualTlsAuthentication: dict[str, Any] | None = None
    RoutingMode: str = "API_MAPPING_ONLY"


@resource("AWS::ApiGatewayV2::ApiMapping", id=("DomainName", "ApiMappingId"),
          arn="arn:{partition}:apigateway:{region}::/domainnames/{DomainName}/apimappings/{ApiMappingId}",
          missing="NotFoundException", missing_message="Invalid API mapping identifier specified",
          verbs=Verbs(list="GetApiMappings"), tags=_NO_TAGS, columns=("DomainName", "ApiMappingId", "ApiMappingKey"),
          returns={"ApiMappingId": "ApiMappingId"}, delete_after=())
class ApiMapping(Resource, kw_only=True):
    """Which stage of which API answers below a path of a domain name."""

    DomainName: Annotated[str, fixed]
    ApiMappingId: str = ""
    ApiId: str
    Stage: str
    ApiMappingKey: str = ""


@resource("AWS::ApiGatewayV2::VpcLink", id="VpcLinkId", arn="arn:{partition}:apigateway:{region}::/vpclinks/{VpcLinkId}",
          missing="NotFoundException", missing_message="Invalid VPC link identifier specified",
          verbs=Verbs(list="GetVpcLinks"), tags=_TAGS, columns=("VpcLinkId", "Name"), returns={"VpcLinkId": "VpcLinkId"})
class VpcLink(Resource, kw_only=True):
    """A way into subnets of a VPC."""

    VpcLinkId: str = ""
    Name: str
    SubnetIds: Annotated[list[str], fixed]
    SecurityGroupIds: Annotated[list[str], fixed] = []


@stored(key=("id",))
class Product(msgspec.Struct, kw_only=True):
    """A portal product: APIs as one describes them to those who use them. policy: who else may use it, as it was given."""

    id: str
    DisplayName: str
    Description: str | None = None
    DisplayOrder: dict[str, Any] | None = None
    policy: str = ""
    tags: dict[str, str] = {}
    modified: float = 0.0


@stored(key=("product", "id"))
class ProductPage(msgspec.Struct, kw_only=True):
    """A page of a product."""

    product: str
    id: str
    DisplayContent: dict[str, str]
    modified: float = 0.0


@stored(key=("product", "id"))
class EndpointPage(msgspec.Struct, kw_only=True):
    """A page of a product about one method of a REST API. overrides: what it shows in another way than the API says."""

    product: str
    id: str
    RestEndpointIdentifier: dict[str, Any]
    TryItState: str = "DISABLED"
    overrides: dict[str, str] = {}
    modified: float = 0.0


@stored(key=("id",))
class Portal(msgspec.Struct, kw_only=True):
    """A portal that is not published."""

    id: str
    Authorization: dict[str, Any]
    EndpointConfiguration: dict[str, Any]
    PortalContent: dict[str, Any]
    IncludedPortalProductArns: list[str] = []
    RumAppMonitorName: str | None = None
    tags: dict[str, str] = {}
    modified: float = 0.0

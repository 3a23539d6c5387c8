"""Portal products and their pages: what is told of APIs in a developer portal.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-portals.html
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, Page, error, operation, parse_arn

from ..parts import LETTERS, bad
from ..resources import EndpointPage, Product, ProductPage


def product_arn(call: Call, id: str) -> str:
    return f"arn:aws:apigateway:{call.region}:{call.account}:/portalproducts/{id}"


def _missing(what: str) -> AwsError:
    return error.NotFoundException(f"Invalid {what} identifier specified")


def found(call: Call, id: str) -> Product:
    row = call.table(Product).get(id)
    if row is None:
        raise _missing("portal product")
    return row


def shown(call: Call, row: Product) -> dict[str, Any]:
    return {"PortalProductArn": product_arn(call, row.id), "PortalProductId": row.id, "DisplayName": row.DisplayName,
            "Description": row.Description, "DisplayOrder": row.DisplayOrder, "LastModified": row.modified, "Tags": row.tags}


def _ordered(call: Call, id: str, order: dict[str, Any] | None) -> dict[str, Any] | None:
    """An order names pages that are there."""
    said = order or {}
    arns = [*said.get("ProductPageArns", ()), *([said["OverviewPageArn"]] if said.get("OverviewPageArn") else []),
            *(arn for section in said.get("Contents", ()) for arn in section["ProductRestEndpointPageArns"])]
    for arn in arns:
        named = parse_arn(arn)
        parts = named.resource.strip("/").split("/") if named is not None else []
        kinds: dict[str, type[ProductPage | EndpointPage]] = {
            "productpages": ProductPage, "productrestendpointpages": EndpointPage}
        kind = kinds.get(parts[2]) if len(parts) == 4 else None
        if kind is None or parts[1] != id or call.table(kind).get(id, parts[3]) is None:
            raise bad(f"The page {arn} is not one of this portal product")
    return order


@operation
def create_portal_product(call: Call, DisplayName: str, Description: str | None = None,
                          Tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts.html#CreatePortalProduct"""
    return shown(call, call.put(Product(id=call.token(10, LETTERS), DisplayName=DisplayName, Description=Description,
                                        tags=Tags or {}, modified=call.now)))


@operation
def get_portal_product(call: Call, PortalProductId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid.html#GetPortalProduct"""
    return shown(call, found(call, PortalProductId))


@operation
def list_portal_products(call: Call, page: Page[Product] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts.html#ListPortalProducts"""
    rows = page.cut(call.table(Product).scan(after=page.after, limit=page.limit + 1), lambda row: row.id)
    return {"Items": [{**shown(call, row), "Description": row.Description or "", "DisplayOrder": None} for row in rows]}


@operation
def update_portal_product(call: Call, PortalProductId: str, Description: str | None = None, DisplayName: str | None = None,
                          DisplayOrder: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid.html#UpdatePortalProduct"""
    row = found(call, PortalProductId)
    row.Description = row.Description if Description is None else Description
    row.DisplayName = DisplayName or row.DisplayName
    row.DisplayOrder = _ordered(call, row.id, DisplayOrder) or row.DisplayOrder
    row.modified = call.now
    return shown(call, call.put(row))


@operation
def delete_portal_product(call: Call, PortalProductId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid.html#DeletePortalProduct"""
    found(call, PortalProductId)
    call.table(ProductPage).delete_all(PortalProductId)
    call.table(EndpointPage).delete_all(PortalProductId)
    call.table(Product).delete(PortalProductId)


# --- who else may use it ---


@operation
def put_portal_product_sharing_policy(call: Call, PolicyDocument: str, PortalProductId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-sharingpolicy.html#PutPortalProductSharingPolicy"""
    row = found(call, PortalProductId)
    try:
        said = json.loads(PolicyDocument)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not said.get("Statement"):
        raise bad("Invalid policy document")
    row.policy = PolicyDocument
    call.put(row)
    return {}


@operation
def get_portal_product_sharing_policy(call: Call, PortalProductId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-sharingpolicy.html#GetPortalProductSharingPolicy"""
    row = found(call, PortalProductId)
    if not row.policy:
        raise error.NotFoundException("The portal product has no sharing policy")
    return {"PolicyDocument": row.policy, "PortalProductId": row.id}


@operation
def delete_portal_product_sharing_policy(call: Call, PortalProductId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-sharingpolicy.html#DeletePortalProductSharingPolicy"""
    row = found(call, PortalProductId)
    row.policy = ""
    call.put(row)


# --- pages ---


def _page(call: Call, row: ProductPage) -> dict[str, Any]:
    return {"DisplayContent": row.DisplayContent, "LastModified": row.modified, "ProductPageId": row.id,
            "ProductPageArn": f"{product_arn(call, row.product)}/productpages/{row.id}"}


def _known(call: Call, product: str, id: str) -> ProductPage:
    found(call, product)
    row = call.table(ProductPage).get(product, id)
    if row is None:
        raise _missing("product page")
    return row


@operation
def create_product_page(call: Call, DisplayContent: dict[str, str], PortalProductId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-productpages.html#CreateProductPage"""
    found(call, PortalProductId)
    return _page(call, call.put(ProductPage(product=PortalProductId, id=call.token(10, LETTERS), DisplayContent=DisplayContent,
                                            modified=call.now)))


@operation
def get_product_page(call: Call, PortalProductId: str, ProductPageId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-productpages-productpageid.html#GetProductPage"""
    return _page(call, _known(call, PortalProductId, ProductPageId))


@operation
def list_product_pages(call: Call, PortalProductId: str, page: Page[ProductPage] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-productpages.html#ListProductPages"""
    found(call, PortalProductId)
    rows = page.cut(call.table(ProductPage).scan(PortalProductId, after=page.after, limit=page.limit + 1), lambda row: row.id)
    return {"Items": [{"PageTitle": row.DisplayContent["Title"], **_page(call, row), "DisplayContent": None} for row in rows]}


@operation
def update_product_page(call: Call, PortalProductId: str, ProductPageId: str,
                        DisplayContent: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-productpages-productpageid.html#UpdateProductPage"""
    row = _known(call, PortalProductId, ProductPageId)
    row.DisplayContent, row.modified = DisplayContent or row.DisplayContent, call.now
    return _page(call, call.put(row))


@operation
def delete_product_page(call: Call, PortalProductId: str, ProductPageId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-productpages-productpageid.html#DeleteProductPage"""
    _known(call, PortalProductId, ProductPageId)
    call.table(ProductPage).delete(PortalProductId, ProductPageId)


# --- pages of endpoints ---


def _endpoint(call: Call, row: EndpointPage) -> dict[str, Any]:
    said = row.RestEndpointIdentifier["IdentifierParts"]
    content = {"Endpoint": f"{said['Method']} {said['Path']}", **row.overrides}
    return {"DisplayContent": content, "LastModified": row.modified, "ProductRestEndpointPageId": row.id, "Status": "AVAILABLE",
            "ProductRestEndpointPageArn": f"{product_arn(call, row.product)}/productrestendpointpages/{row.id}",
            "RestEndpointIdentifier": row.RestEndpointIdentifier, "TryItState": row.TryItState}


def _endpoint_known(call: Call, product: str, id: str) -> EndpointPage:
    found(call, product)
    row = call.table(EndpointPage).get(product, id)
    if row is None:
        raise _missing("product REST endpoint page")
    return row


@operation
def create_product_rest_endpoint_page(call: Call, PortalProductId: str, RestEndpointIdentifier: dict[str, Any],
                                      DisplayContent: dict[str, Any] | None = None,
                                      TryItState: str = "DISABLED") -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-productrestendpointpages.html#CreateProductRestEndpointPage"""
    found(call, PortalProductId)
    parts = RestEndpointIdentifier.get("IdentifierParts")
    if not parts:
        raise bad("The parts of the REST endpoint's identifier are missing")
    call.aws.apigateway.get_stage(restApiId=parts["RestApiId"], stageName=parts["Stage"])
    row = EndpointPage(product=PortalProductId, id=call.token(10, LETTERS), RestEndpointIdentifier=RestEndpointIdentifier,
                       TryItState=TryItState, overrides=(DisplayContent or {}).get("Overrides") or {}, modified=call.now)
    return _endpoint(call, call.put(row))


@operation
def get_product_rest_endpoint_page(call: Call, PortalProductId: str, ProductRestEndpointPageId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-productrestendpointpages-productrestendpointpageid.html#GetProductRestEndpointPage"""
    return _endpoint(call, _endpoint_known(call, PortalProductId, ProductRestEndpointPageId))


@operation
def list_product_rest_endpoint_pages(call: Call, PortalProductId: str, page: Page[EndpointPage] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-productrestendpointpages.html#ListProductRestEndpointPages"""
    found(call, PortalProductId)
    rows = page.cut(call.table(EndpointPage).scan(PortalProductId, after=page.after, limit=page.limit + 1), lambda row: row.id)
    told = [_endpoint(call, row) for row in rows]
    return {"Items": [{**said, **said["DisplayContent"], "DisplayContent": None, "Body": None} for said in told]}


@operation
def update_product_rest_endpoint_page(call: Call, PortalProductId: str, ProductRestEndpointPageId: str,
                                      DisplayContent: dict[str, Any] | None = None,
                                      TryItState: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-productrestendpointpages-productrestendpointpageid.html#UpdateProductRestEndpointPage"""
    row = _endpoint_known(call, PortalProductId, ProductRestEndpointPageId)
    row = msgspec.structs.replace(row, TryItState=TryItState or row.TryItState, modified=call.now)
    if DisplayContent is not None:
        row.overrides = DisplayContent.get("Overrides") or {}
    return _endpoint(call, call.put(row))


@operation
def delete_product_rest_endpoint_page(call: Call, PortalProductId: str, ProductRestEndpointPageId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portalproducts-portalproductid-productrestendpointpages-productrestendpointpageid.html#DeleteProductRestEndpointPage"""
    _endpoint_known(call, PortalProductId, ProductRestEndpointPageId)
    call.table(EndpointPage).delete(PortalProductId, ProductRestEndpointPageId)

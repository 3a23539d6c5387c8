"""Certificates listed, and how their names were validated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..resources import Certificate
from ..search import check, matches, place, result
from ..shown import origin, summary

_BY_DEFAULT = ("RSA_1024", "RSA_2048")


@operation
def list_certificates(
        call: Call, CertificateStatuses: Sequence[str] = (), CertificateKeyPairOrigins: Sequence[str] = (),
        Includes: Mapping[str, Any] = {}, SortBy: str | None = None, SortOrder: str | None = None,
        page: Page[Certificate] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html"""
    if (SortBy is None) != (SortOrder is None):
        raise error.ValidationException("SortBy and SortOrder must be given together.")
    found = [row for row in call.table(Certificate).scan()
             if (not CertificateStatuses or row.status in CertificateStatuses)
             and (not CertificateKeyPairOrigins or origin(row) in CertificateKeyPairOrigins) and _included(row, Includes)]
    return {"CertificateSummaryList": [summary(row) for row in page.cut(
        _behind(page, found, _place, SortOrder or "ASCENDING"), _place)]}


def _behind(page: Page[Certificate], rows: list[Certificate], by: Callable[[Certificate], tuple[str, str]],
            order: str) -> list[Certificate]:
    """In order, what comes after the page before."""
    falling = order == "DESCENDING"
    rows.sort(key=by, reverse=falling)
    if page.after is None:
        return rows
    last = tuple(page.after)
    return [row for row in rows if (by(row) < last if falling else by(row) > last)]


@operation
def search_certificates(
        call: Call, FilterStatement: Mapping[str, Any] | None = None, SortBy: str = "CREATED_AT",
        SortOrder: str = "DESCENDING", page: Page[Certificate] = Page(100, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_SearchCertificates.html"""
    if FilterStatement is not None:
        check(FilterStatement)

    def by(row: Certificate) -> tuple[str, str]:
        return place(row, SortBy)

    found = [row for row in call.table(Certificate).scan() if FilterStatement is None or matches(row, FilterStatement)]
    return {"Results": [result(row) for row in page.cut(_behind(page, found, by, SortOrder), by)]}


@operation
def list_certificate_domain_validations(call: Call, CertificateArn: str,
                                        page: Page[Any] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificateDomainValidations.html"""
    start = int(page.after or 0)
    listed = list(enumerate(call.get(Certificate, CertificateArn).validations))[start:]
    return {"DomainValidationSummaryList": [
        {"DomainName": one["DomainName"], "ActiveValidationConfiguration": {
            "ValidationMethod": one["ValidationMethod"], "ValidationStatus": one["ValidationStatus"],
            "ValidationChallenge": _challenge(one)}} for _, one in page.cut(listed, lambda one: one[0] + 1)]}


def _challenge(one: Mapping[str, Any]) -> dict[str, Any]:
    if "ResourceRecord" in one:
        return {"DnsValidationChallenge": {"ResourceRecord": one["ResourceRecord"]}}
    return {"EmailValidationChallenge": {"ValidationEmails": one["ValidationEmails"],
                                         "ValidationDomain": one["ValidationDomain"]}}


def _place(row: Certificate) -> tuple[str, str]:
    """Where it stands among others: by its birth."""
    return f"{row.created:020.6f}", row.id


def _included(row: Certificate, wanted: Mapping[str, Any]) -> bool:
    """Filters of several values take a certificate that has one of them; by default only RSA keys up to 2048 bits come."""
    return (row.KeyAlgorithm in (wanted.get("keyTypes") or _BY_DEFAULT)
            and _meets(row.key_usages, wanted.get("keyUsage"))
            and _meets([name for name, _ in row.extended_key_usages], wanted.get("extendedKeyUsage"))
            and wanted.get("exportOption") in (None, row.CertificateExport)
            and wanted.get("managedBy") in (None, row.managed_by))


def _meets(has: Sequence[str], wanted: Sequence[str] | None) -> bool:
    return not wanted or bool(set(has) & set(wanted)) or (not has and "NONE" in wanted)

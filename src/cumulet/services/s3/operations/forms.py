"""Uploads by HTML forms."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit
from xml.sax.saxutils import escape

from cumulet.kernel import Call, Spool, operation

from .. import formpolicies, forms, tagging
from ..buckets import bucket_of
from ..checksums import ALGORITHMS
from ..faults import invalid_argument

_NOTHING = Spool(b"")
_ALGORITHM = "AWS4-HMAC-SHA256"
# Fields that are members of PutObject.
_MEMBERS = {
    "acl": "ACL", "cache-control": "CacheControl", "content-type": "ContentType", "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding", "content-language": "ContentLanguage", "expires": "Expires",
    "x-amz-storage-class": "StorageClass", "x-amz-website-redirect-location": "WebsiteRedirectLocation",
    "x-amz-server-side-encryption": "ServerSideEncryption", "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "x-amz-object-lock-mode": "ObjectLockMode", "x-amz-object-lock-legal-hold": "ObjectLockLegalHoldStatus",
    "x-amz-server-side-encryption-context": "SSEKMSEncryptionContext", "content-md5": "ContentMD5",
    "x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
    "x-amz-server-side-encryption-customer-key": "SSECustomerKey",
    "x-amz-server-side-encryption-customer-key-md5": "SSECustomerKeyMD5",
} | {algorithm.header: algorithm.member for algorithm in ALGORITHMS.values()}
_META = "x-amz-meta-"


@operation
def post_object(call: Call, Bucket: str, Body: Spool | None = None, ContentType: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html"""
    bucket_of(call, Bucket)
    form = forms.read(call, Body or _NOTHING, ContentType or "")
    try:
        done = _post(call, Bucket, form)
    except Exception:
        form.file.discard()
        raise
    call.tx.after_commit(form.file.discard)              # where it did not become the object's blob
    return done


def _post(call: Call, bucket: str, form: forms.Form) -> dict[str, Any]:
    fields = form.fields
    if not fields.get("key"):
        raise forms.missing("key")
    key = fields["key"].replace("${filename}", form.filename)
    signer = _signer(call, fields)
    if "policy" in fields:
        known = dict(fields) | {"bucket": bucket, "key": key}
        formpolicies.check(fields["policy"], known, form.file.size, call.cloud.clock.wall())
    members: dict[str, Any] = {member: fields[name] for name, member in _MEMBERS.items() if fields.get(name)}
    members["Metadata"] = {name[len(_META):]: value for name, value in fields.items() if name.startswith(_META)} or None
    if fields.get("tagging"):
        members["Tagging"] = urlencode(tagging.from_document(fields["tagging"]))
    done = signer.aws.s3.put_object(Bucket=bucket, Key=key, Body=form.file, **members)
    return _answer(call, bucket, key, fields, done)


def _signer(call: Call, fields: Any) -> Call:
    """Who signed the form: nobody, or the one who signed its policy."""
    if "awsaccesskeyid" in fields:                            # version 2, which SDKs still use for forms
        for name in ("policy", "signature"):
            if not fields.get(name):
                raise forms.missing(name)
        return call.as_signer(fields["awsaccesskeyid"], fields.get("x-amz-security-token", ""), fields["policy"],
                              fields["signature"])
    signed = [name for name in ("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature") if fields.get(name)]
    if not signed and "policy" not in fields:
        return call
    if "policy" not in fields:
        raise forms.missing("policy")
    for name, spelled in (("x-amz-signature", "X-Amz-Signature"), ("x-amz-credential", "X-Amz-Credential"),
                          ("x-amz-algorithm", "X-Amz-Algorithm"), ("x-amz-date", "X-Amz-Date")):
        if name not in signed:
            raise forms.missing(spelled)
    if fields["x-amz-algorithm"] != _ALGORITHM:
        raise invalid_argument(f"Only {_ALGORITHM} is supported", "X-Amz-Algorithm", fields["x-amz-algorithm"])
    return call.as_signer(fields["x-amz-credential"], fields.get("x-amz-security-token", ""), fields["policy"],
                          fields["x-amz-signature"])


def _answer(call: Call, bucket: str, key: str, fields: Any, done: dict[str, Any]) -> dict[str, Any]:
    """Where the browser goes next, or what it is told."""
    where = f"{call.endpoint}/{bucket}/{quote(key, safe='')}"
    told = {"ETag": done["ETag"], "VersionId": done.get("VersionId"), "Location": where}
    target = urlsplit(fields.get("success_action_redirect") or fields.get("redirect") or "")
    if target.scheme in ("http", "https") and target.netloc:
        query = urlencode([*parse_qsl(target.query, keep_blank_values=True), ("bucket", bucket), ("key", key),
                           ("etag", done["ETag"])])
        return told | {"StatusCode": 303, "Location": urlunsplit(target._replace(query=query))}
    status = fields.get("success_action_status", "")
    if status != "201":
        return told | {"StatusCode": 200 if status == "200" else 204}
    document = (f'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Location>{escape(where)}</Location>'
                f"<Bucket>{escape(bucket)}</Bucket><Key>{escape(key)}</Key><ETag>{escape(done['ETag'])}</ETag></PostResponse>")
    return told | {"StatusCode": 201, "ContentType": "application/xml", "Body": document.encode()}

"""Every error that the server answers with: Code, HTTP status, message. Those marked * are this server's choice."""

MESSAGES = {
    # records
    "DomainRecordDuplicate": (400, "The DNS record already exists."),
    "DomainRecordConflict": (400, "The domain record is conflict with other records."),
    "DomainRecordNotBelongToUser": (400, "The DNS record does not exist in your account."),
    "DomainRecordLocked": (400, "The domain record has been locked."),
    "DomainRecordDisable": (400, "The domain record is disabled."),
    "PanDomainRecord": (400, "The wildcard record does not support weights."),
    "InvalidWeigth": (400, "The weight is invalid."),  # as the vendor spells it
    "DisableDNSSLB": (400, "The subdomain's DNS SLB status is closed."),
    "RecordForbidden.DNSChange": (400, "The operation is forbidden because DNS is changing."),
    "RecordForbidden.BlackHole": (400, "The operation is forbidden because the domain is in the black hole."),
    "QuotaExceeded.TTL": (400, "The specified TTL is invalid. A valid TTL must be in the range of {} to {}."),
    "QuotaExceeded.Record": (400, "The number of records of this type, name and line is more than allowed ({})."),
    "QuotaExceeded.ARecord": (400, "The number of A records of this name and line is more than allowed ({})."),
    "QuotaExceeded.SubDomain": (400, "The name has more levels than allowed ({})."),
    "InvalidRR.RrEmpty": (400, "The RR is empty."),
    "InvalidRR.Format": (400, "The format of the RR is invalid."),
    "InvalidRR.Length": (400, "The RR is too long."),
    "InvalidRR.TypeEmpty": (400, "The type is empty."),
    "InvalidRR.AValue": (400, "The value of the A record is invalid."),
    "InvalidRR.AAAAValue": (400, "The value of the AAAA record is invalid."),
    "InvalidRR.MXValue": (400, "The value of the MX record is invalid."),
    "InvalidRR.NSValue": (400, "The value of the NS record is invalid."),
    "SubDomainInvalid.TTL": (400, "The TTL is invalid."),
    "SubDomainInvalid.Line": (400, "The line is invalid."),
    "SubDomainInvalid.Priority": (400, "The priority is invalid."),
    "SubDomainInvalid.Type": (400, "The type is invalid."),
    "InvalidRecordId.NotFound": (400, "The record id is not found."),
    # domains
    "InvalidDomainName.NoExist": (400, "The specified domain name does not exist. Refresh the page and try again."),
    "InvalidDomainName.Format": (400, "Invalid domain name."),
    "IncorrectDomainUser": (
        400,
        "The domain name belongs to other users. "
        "Transfer the domain name to the current user and then try the binding and setting actions.",
    ),
    "DomainForbidden": (400, "The action could not be completed because the domain has been forbidden."),
    "DomainExpiredDNSForbidden": (400, "The DNS of the domain is forbidden because it has expired."),
    "Forbidden.DomainExpired": (400, "The domain has expired."),
    "OperationDomain.NoPermission": (400, "No permission to operate this domain."),
    "LastOperationNotFinished": (400, "The last operation is not finished. Please try again later."),  # *
    "DnsSystemBusyness": (400, "The DNS system is busy. Please try again later."),  # *
    # who asks
    "SignatureDoesNotMatch": (
        400,
        "Specified signature is not matched with our calculation. server string to sign is:{}",
    ),
    "SignatureNonceUsed": (400, "Specified signature nonce was used already."),
    "IncompleteSignature": (400, "The request signature does not conform to Aliyun standards."),  # *
    "InvalidTimeStamp.Expired": (400, "Specified time stamp or date value is expired."),
    "InvalidTimeStamp.Format": (400, "Specified time stamp or date value is not well formatted."),  # *
    "IllegalTimestamp": (
        400,
        'The input parameter "Timestamp" that is mandatory for processing this request is not supplied.',
    ),
    "InvalidAccessKeyId.NotFound": (404, "Specified access key is not found."),
    "InvalidAccessKeyId": (404, "Specified access key is not found or invalid."),
    "InvalidAccessKeyId.Inactive": (400, "Specified access key is disabled."),
    "InvalidSecurityToken.Malformed": (400, "Specified SecurityToken is malformed."),  # *
    "InvalidSecurityToken.Expired": (400, "Specified SecurityToken is expired."),  # *
    "Forbidden.RAM": (
        400,
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
    ),
    "Forbidden": (403, "User not authorized to operate on the specified resource."),
    "Forbidden.RiskControl": (403, "This operation is forbidden by the risk control system."),
    "Forbidden.UserVerification": (403, "Your user account is not verified."),
    # requests
    "UnsupportedOperation": (400, "The specified action is not supported."),
    "InvalidAction.NotFound": (404, "Specified api is not found, please check your url and method."),  # *
    "NoSuchVersion": (400, "The specified version is not supported."),
    "MissingParameter": (400, "A parameter that is mandatory for this action is missing."),
    "InvalidParameter": (400, "Specified parameter {} is not valid."),
    "UnsupportedHTTPMethod": (403, "This http method not supported."),
    # the moment
    "Throttling.User": (400, "Request was denied due to user flow control."),
    "Throttling": (400, "Request was denied due to request throttling."),
    "InternalError": (500, "The request processing has failed due to some unknown error, exception or failure."),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
    # the STS
    "EntityNotExist.Role": (404, "The role not exists."),  # *
    "NoPermission": (403, "You are not authorized to do this action. You should be authorized by RAM."),  # *
    "AuthenticationFail.OIDCToken.Invalid": (400, "The OIDC token is invalid."),  # *
    "AuthenticationFail.OIDCToken.Expired": (400, "The OIDC token is expired."),  # *
    "AuthenticationFail.NoPermission": (400, "The OIDC provider is not trusted by this role."),  # *
}


class Refused(Exception):
    """Ends a call. `values` go into the message; `more` are further members of the body."""

    def __init__(self, code, *values, message=None, status=None, **more):
        self.code, self.more = code, more
        known_status, known = MESSAGES.get(code, (400, code))
        self.status = status or known_status
        # a fault gives no values
        self.message = message or (known.format(*values) if values else known.replace("{}", "0"))
        super().__init__(f"{code}: {self.message}")


def missing(name):
    """Missing<Param>, which has a Code for each parameter."""
    return Refused(f"Missing{name}", message=f"{name} is mandatory for this action.")

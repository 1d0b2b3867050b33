"""What a name, a type, a value, a TTL must be, and how it is kept. Each function returns what is kept, or Refused."""

import dataclasses
import ipaddress
import re

from alidns.errors import Refused

TTL_MAX_S = 86400
TTL_S = 600
TXT_SIZE_MAX = 511
NAME_SIZE_MAX, LABEL_SIZE_MAX = 253, 63
PRIORITY_MAX = 50  # of MX
URLS = ("REDIRECT_URL", "FORWARD_URL")
TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA", "ALIAS", "SVCB", "HTTPS", *URLS)
NO_WILDCARD = ("TXT", "NS", "SRV")
LINE = re.compile(r"default|telecom|unicom|mobile|oversea|edu|drpeng|btvn|search|google|baidu|biying|youdao")
LINE_MORE = re.compile(r"(cn_(telecom|unicom|mobile|edu|drpeng|btvn|region)|os|aliyun_r)_[a-z0-9_-]+")
# CJK: the vendor takes Chinese labels as they are, and other languages as punycode alone
LABEL = re.compile(r"[a-z0-9_\u4e00-\u9fff]([a-z0-9_\u4e00-\u9fff-]*[a-z0-9_\u4e00-\u9fff])?")


@dataclasses.dataclass(frozen=True)
class Edition:
    """What is sold. Where documents differ, the stricter figure: who keeps to that is right with both."""

    code: str
    name: str
    ttl_min_s: int
    levels_max: int  # labels of an RR
    same_max: int  # records of one name, type and line
    servers: tuple
    records_max: int = 100_000


FREE_SERVERS = ("dns1.hichina.com", "dns2.hichina.com")
VIP_SERVERS = ("vip1.alidns.com", "vip2.alidns.com")
EDITIONS = {
    "free": Edition("mianfei", "Alibaba Cloud DNS Free", 600, 5, 10, FREE_SERVERS),
    "personal": Edition("version_personal", "Personal Edition", 600, 10, 90, VIP_SERVERS),
    "standard": Edition("version_enterprise_basic", "Enterprise Standard", 60, 10, 90, VIP_SERVERS),
    "ultimate": Edition("version_enterprise_advanced", "Enterprise Ultimate", 1, 10, 90, VIP_SERVERS),
}


def _label(text):
    """Chinese in punycode becomes Chinese; any other punycode stays."""
    try:
        plain = text.encode("ascii").decode("idna") if text.startswith("xn--") else text
    except UnicodeError:
        return text
    return plain if LABEL.fullmatch(plain) else text


def labels_plain(text):
    """A name of labels as they are kept."""
    return ".".join(_label(label) for label in text.lower().removesuffix(".").split("."))


def domain_name(text):
    """A domain's name as it is kept: lower case, no final dot, Chinese as such."""
    labels = labels_plain(text.strip()).split(".")
    if len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):
        raise Refused("InvalidDomainName.Format")
    return ".".join(labels)


def ascii_name(text):
    """Punycode, for the wire and for PunyCode."""
    try:
        return ".".join(label.encode("idna").decode() if not label.isascii() else label for label in text.split("."))
    except UnicodeError:
        return text


def rr_name(text, rtype):
    """The RR of a new record."""
    rr = labels_plain(text)
    if not rr:
        raise Refused("InvalidRR.RrEmpty")
    if rr == "@":
        return rr
    labels = rr.split(".")
    if labels[0] == "*":
        if rtype in NO_WILDCARD:
            raise Refused("InvalidRR.Format")
        labels = labels[1:]
    if any(len(ascii_name(label)) > LABEL_SIZE_MAX for label in labels):
        raise Refused("InvalidRR.Length")
    if not all(LABEL.fullmatch(label) for label in labels):
        raise Refused("InvalidRR.Format")
    return rr


def record_type(text):
    if not text:
        raise Refused("InvalidRR.TypeEmpty")
    name = text.upper().replace("FORWORD_URL", "FORWARD_URL")
    if name not in TYPES:
        raise Refused("SubDomainInvalid.Type")
    return name


def line(text):
    if not (LINE.fullmatch(text) or LINE_MORE.fullmatch(text)):
        raise Refused("SubDomainInvalid.Line")
    return text


def ttl(text, low_s, high_s=TTL_MAX_S):
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        raise Refused("InvalidParameter", "TTL")
    if not low_s <= int(text) <= high_s:
        raise Refused("QuotaExceeded.TTL", low_s, high_s)
    return int(text)


def priority(text, rtype):
    """None: none of this type."""
    if rtype != "MX":
        return None
    if not re.fullmatch(r"[0-9]{1,3}", text or "") or not 1 <= int(text) <= PRIORITY_MAX:
        raise Refused("SubDomainInvalid.Priority")
    return int(text)


def _target(text, code):
    """A host name: lower case, without its final dot."""
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    good = len(ascii_name(name)) <= NAME_SIZE_MAX and all(
        LABEL.fullmatch(label) and len(ascii_name(label)) <= LABEL_SIZE_MAX for label in labels
    )
    if not good or len(labels) < 2 or labels[-1].isdigit():
        raise Refused(code, "Value")
    return name


def _address(kind, code):
    def check(text):
        try:
            if "%" in text:
                raise ValueError("a scope is no part of it")
            kind(text)
        except ValueError as error:
            raise Refused(code) from error
        return text.lower()

    return check


def _txt(text):
    kept = text.replace('"', "").rstrip(" ")
    if not kept or len(kept.encode()) > TXT_SIZE_MAX or not kept.isascii():
        raise Refused("InvalidParameter", "Value")
    return kept


def _srv(text):
    words = text.split(" ")
    if len(words) != 4 or not all(re.fullmatch(r"[0-9]{1,5}", w) and int(w) < 65536 for w in words[:3]):
        raise Refused("InvalidParameter", "Value")
    return " ".join([*(str(int(word)) for word in words[:3]), _target(words[3], "InvalidParameter")])


def _caa(text):
    if not re.fullmatch(r'[0-9]{1,3} (issue|issuewild|iodef) "?[^"]*"?', text):
        raise Refused("InvalidParameter", "Value")
    return text


def _any(text):
    if not text.strip() or len(text) > 1024:
        raise Refused("InvalidParameter", "Value")
    return text.strip()


CHECKS = {
    "A": _address(ipaddress.IPv4Address, "InvalidRR.AValue"),
    "AAAA": _address(ipaddress.IPv6Address, "InvalidRR.AAAAValue"),
    "CNAME": lambda text: _target(text, "InvalidParameter"),
    "ALIAS": lambda text: _target(text, "InvalidParameter"),
    "NS": lambda text: _target(text, "InvalidRR.NSValue"),
    "MX": lambda text: _target(text, "InvalidRR.MXValue"),
    "TXT": _txt,
    "SRV": _srv,
    "CAA": _caa,
}


def value(text, rtype):
    return CHECKS.get(rtype, _any)(text)


def value_key(rtype, text):
    """Two values are the same record's where this is equal."""
    if rtype == "AAAA":
        return ipaddress.IPv6Address(text).exploded
    return text if rtype in ("TXT", "CAA", *URLS) else text.lower()

"""The actions: each is a function of the server, the parameters (text) and what the answer holds besides RequestId."""

from alidns import search, values
from alidns.clock import stamp
from alidns.errors import Refused, missing

LINES = [
    ("default", "默认"),
    ("telecom", "电信"),
    ("unicom", "联通"),
    ("mobile", "移动"),
    ("oversea", "境外"),
    ("edu", "教育网"),
]


def record_view(record, domain, stamps):
    """A record as it is listed."""
    view = {"Status": record.status, "RR": record.rr, "Line": record.line, "TTL": record.ttl, "Type": record.type}
    view |= {"DomainName": domain.name, "Value": record.value, "RecordId": record.id, "Locked": record.locked}
    if record.type in ("A", "AAAA", "CNAME"):
        view["Weight"] = record.weight
        view["LbaStatus"] = (record.rr, record.type, record.line) in domain.balanced
    if record.priority is not None:
        view["Priority"] = record.priority
    if record.remark:
        view["Remark"] = record.remark
    if stamps:
        view |= {"CreateTimestamp": record.created_ms, "UpdateTimestamp": record.updated_ms}
    return view


def domain_view(domain):
    return {
        "DomainId": domain.id,
        "DomainName": domain.name,
        "PunyCode": domain.punycode,
        "AliDomain": True,
        "VersionCode": domain.edition.code,
        "VersionName": domain.edition.name,
        "InstanceId": f"alidns-cn-{domain.id[:8]}",
        "GroupId": "",
        "GroupName": "",
        "Remark": "",
        "ResourceGroupId": "rg-fake",
        "DnsServers": {"DnsServer": list(domain.edition.servers)},
    }


def _listed(items, member, item, params, size_max):
    number, size = search.page(params, size_max)
    shown = search.cut_page(items, number, size)
    return {"TotalCount": len(items), "PageNumber": number, "PageSize": size, member: {item: shown}}


def describe_domains(server, params):
    found = search.domains(server.store, params)
    answer = _listed(found, "Domains", "Domain", params, 100)
    more = {"CreateTime": stamp(server.clock.now()), "Tags": {"Tag": []}, "Starmark": False, "InstanceExpired": False}
    shown = answer["Domains"]["Domain"]
    answer["Domains"]["Domain"] = [domain_view(one) | {"RecordCount": len(one.records)} | more for one in shown]
    return answer


def describe_domain_info(server, params):
    domain = server.store.find(params["DomainName"])
    low = domain.edition.ttl_min_s
    ttls = [str(ttl) for ttl in (1, 5, 10, 60, 120, 600, 1800, 3600, 43200, 86400) if ttl >= low]
    answer = domain_view(domain) | {"AvailableTtls": {"AvailableTtl": ttls}}
    if params.get("NeedDetailAttributes", "").lower() == "true":
        lines = [{"LineCode": code, "LineName": name, "LineDisplayName": name} for code, name in LINES]
        answer |= {"MinTtl": low, "LineType": "region_province", "RegionLines": False, "SlaveDns": False}
        answer |= {"RecordLines": {"RecordLine": lines}, "InBlackHole": False, "InClean": False}
    return answer


def describe_domain_records(server, params):
    domain = server.store.find(params["DomainName"])
    answer = _listed(search.records(domain, params), "DomainRecords", "Record", params, 500)
    shown = answer["DomainRecords"]["Record"]
    answer["DomainRecords"]["Record"] = [record_view(one, domain, True) for one in shown]
    return answer


def describe_sub_domain_records(server, params):
    domain, found = search.at_name(server.store, params)
    answer = _listed(found, "DomainRecords", "Record", params, server.sub_page_max)
    shown = answer["DomainRecords"]["Record"]
    answer["DomainRecords"]["Record"] = [record_view(one, domain, False) for one in shown]
    return answer


def describe_domain_record_info(server, params):
    record = server.store.record(params["RecordId"])
    domain = server.store.domains[record.domain]
    view = record_view(record, domain, False)
    for absent in ("Weight", "LbaStatus"):
        view.pop(absent, None)
    return view | {"DomainId": domain.id, "PunyCode": domain.punycode, "GroupId": "", "GroupName": ""}


def _content(params):
    more = {"ttl": params.get("TTL"), "line": params.get("Line"), "priority": params.get("Priority")}
    return (params["RR"], params["Type"], params["Value"]), more


def add_domain_record(server, params):
    content, more = _content(params)
    return {"RecordId": server.store.add(server.store.find(params["DomainName"]), *content, **more).id}


def update_domain_record(server, params):
    content, more = _content(params)
    return {"RecordId": server.store.update(params["RecordId"], *content, **more).id}


def delete_domain_record(server, params):
    server.store.delete(params["RecordId"])
    return {"RecordId": params["RecordId"]}


def delete_sub_domain_records(server, params):
    domain = server.store.find(params["DomainName"])
    rr, rtype = params["RR"].lower(), params.get("Type", "").upper()
    found = [one for one in domain.by_rr.get(rr, {}).values() if rtype in ("", one.type) and not one.locked]
    for record in found:
        server.store.remove(record)
    return {"RR": params["RR"], "TotalCount": str(len(found))}


def set_domain_record_status(server, params):
    status = params["Status"]
    if status.lower() not in ("enable", "disable"):
        raise Refused("InvalidParameter", "Status")
    server.store.set_status(params["RecordId"], status.lower() == "enable")
    return {"RecordId": params["RecordId"], "Status": status}


def update_domain_record_remark(server, params):
    remark = params.get("Remark", "")
    if len(remark) > server.remark_max:
        raise Refused("InvalidParameter", "Remark")
    server.store.set_remark(params["RecordId"], remark)
    return {}


def set_dns_slb_status(server, params):
    domain, found = search.at_name(server.store, {"Type": "A", **params})
    on = params.get("Open", "true").lower() == "true"
    for record in found:
        key = (record.rr, record.type, record.line)
        (domain.balanced.add if on else domain.balanced.discard)(key)
    return {"Open": on, "RecordCount": len(found)}


def update_dns_slb_weight(server, params):
    record = server.store.set_weight(params["RecordId"], params["Weight"])
    return {"RecordId": record.id, "Weight": record.weight}


RR = ("RR", "Type", "Value")
# action: (function, what it needs, whether it writes)
ACTIONS = {
    "DescribeDomains": (describe_domains, (), False),
    "DescribeDomainInfo": (describe_domain_info, ("DomainName",), False),
    "DescribeDomainRecords": (describe_domain_records, ("DomainName",), False),
    "DescribeSubDomainRecords": (describe_sub_domain_records, ("SubDomain",), False),
    "DescribeDomainRecordInfo": (describe_domain_record_info, ("RecordId",), False),
    "AddDomainRecord": (add_domain_record, ("DomainName", *RR), True),
    "UpdateDomainRecord": (update_domain_record, ("RecordId", *RR), True),
    "UpdateDomainRecordRemark": (update_domain_record_remark, ("RecordId",), True),
    "DeleteDomainRecord": (delete_domain_record, ("RecordId",), True),
    "DeleteSubDomainRecords": (delete_sub_domain_records, ("DomainName", "RR"), True),
    "SetDomainRecordStatus": (set_domain_record_status, ("RecordId", "Status"), True),
    "SetDNSSLBStatus": (set_dns_slb_status, ("SubDomain",), True),
    "UpdateDNSSLBWeight": (update_dns_slb_weight, ("RecordId", "Weight"), True),
}
# exist at Alibaba Cloud, not here
OTHERS = set(
    "AddDomain DeleteDomain DescribeBatchResultCount DescribeBatchResultDetail DescribeDNSSLBSubDomains "
    "DescribeDnsProductInstance DescribeDomainDnssecInfo DescribeDomainNs DescribeRecordLogs DescribeSupportLines "
    "GetMainDomainName GetTxtRecordForVerify OperateBatchDomain SetDomainDnssecStatus".split()
)


def check(action, params):
    """The action is one, and has what it needs; a parameter may be empty where that is a value."""
    if action not in ACTIONS:
        raise Refused("UnsupportedOperation" if action in OTHERS else "InvalidAction.NotFound")
    for name in ACTIONS[action][1]:
        if name not in params or not params[name] and name not in RR:
            raise missing(name)


def domain_of(server, params):
    """The domain that a call writes to, by name; "": none that is hosted."""
    try:
        if "DomainName" in params:
            return values.domain_name(params["DomainName"])
        if "RecordId" in params:
            return server.store.record(params["RecordId"]).domain
    except Refused:
        pass
    return ""

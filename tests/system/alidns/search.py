"""Which records a Describe call lists, and a page of them."""

from alidns import values
from alidns.errors import Refused

PAGE_SIZE = 20
TWO_LEVELS = {"com.cn", "net.cn", "org.cn", "gov.cn", "co.uk", "co.jp", "com.hk"}


def page(params, size_max):
    """(PageNumber, PageSize). A size above the greatest is refused: this server's choice."""
    numbers = []
    for name, default, most in (("PageNumber", 1, 1 << 31), ("PageSize", PAGE_SIZE, size_max)):
        text = params.get(name) or str(default)
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
            raise Refused("InvalidParameter", name)
        numbers.append(int(text))
    return numbers


def cut_page(items, number, size):
    return items[(number - 1) * size : number * size]


def _has(part):
    part = part.lower()
    return lambda text: part in text.lower()


def _is(whole):
    whole = whole.lower()
    return lambda text: whole == text.lower()


def _tests(params):
    """(field, test) pairs that all must hold."""
    mode, key = params.get("SearchMode", "").upper(), params.get("KeyWord", "")
    if mode not in ("", "LIKE", "EXACT", "ADVANCED", "COMBINATION"):
        raise Refused("InvalidParameter", "SearchMode")
    if mode in ("LIKE", "EXACT") or not mode and key:
        match = _is(key) if mode == "EXACT" else _has(key)
        return [("keyword", match)] if key else []
    part = _is if mode == "COMBINATION" else _has
    tests = [("rr", part, "RRKeyWord"), ("value", part, "ValueKeyWord")]
    tests += [("type", _is, "TypeKeyWord"), ("type", _is, "Type"), ("line", _is, "Line"), ("status", _is, "Status")]
    return [(field, test(params[name])) for field, test, name in tests if params.get(name)]


def _holds(record, tests):
    for field, test in tests:
        if field == "keyword":
            if not test(record.rr) and not test(record.value):
                return False
        elif not test(getattr(record, field)):
            return False
    return True


def records(domain, params):
    """All that DescribeDomainRecords has, newest first unless Direction says ASC."""
    if params.get("GroupId") not in (None, "", "-2", "1"):
        return []
    if params.get("OrderBy", "default").lower() != "default":
        raise Refused("InvalidParameter", "OrderBy")
    tests = _tests(params)
    found = list(domain.records.values())
    if tests:
        found = [record for record in found if _holds(record, tests)]
    if params.get("Direction", "DESC").upper() != "ASC":
        found.reverse()
    return found


def at_name(store, params):
    """(domain, records) of DescribeSubDomainRecords: those of one name exactly."""
    name = values.domain_name(params["SubDomain"].removeprefix("@.").replace("*.", "wildcard-label.", 1))
    if params.get("DomainName"):
        zone = values.domain_name(params["DomainName"])
    else:
        labels = name.split(".")
        zone = ".".join(labels[-3:] if ".".join(labels[-2:]) in TWO_LEVELS else labels[-2:])
    domain = store.find(zone)
    if name != domain.name and not name.endswith(f".{domain.name}"):
        raise Refused("InvalidDomainName.NoExist")
    rr = name.removesuffix(domain.name).removesuffix(".").replace("wildcard-label", "*", 1) or "@"
    found = list(domain.by_rr.get(rr, {}).values())
    for field, parameter in (("type", "Type"), ("line", "Line")):
        if params.get(parameter):
            found = [one for one in found if getattr(one, field).lower() == params[parameter].lower()]
    return domain, sorted(found, key=lambda record: -int(record.id))


def domains(store, params):
    """All that DescribeDomains has."""
    mode, key = params.get("SearchMode", "LIKE").upper(), params.get("KeyWord", "")
    if mode not in ("LIKE", "EXACT"):
        raise Refused("InvalidParameter", "SearchMode")
    match = _is(key) if mode == "EXACT" else _has(key)
    return [domain for domain in store.domains.values() if not key or match(domain.name)]

"""What the account holds: domains and their records, the rules of section 5, and a hand that edits past them.

All runs under Store.lock. The methods add(), update(), delete(), ... are the API's: they check, and raise Refused.
put(), edit(), remove() are somebody's in the console: they check nothing.
"""

import dataclasses
import itertools
import threading
import time
import uuid

from alidns import values
from alidns.errors import Refused

FIRST_ID = 900_000_000_000_000_001  # a client that reads it as a double has lost it
WEIGHTED = ("A", "AAAA", "CNAME")
URL = set(values.URLS)
# type: the types that it can't be beside; the other way round is added below
ADDRESS_OR_NAME = {"A", "AAAA", "CNAME", "ALIAS"}
APART = {
    "NS": set(values.TYPES) - {"NS"},
    "CNAME": set(values.TYPES) - {"CNAME"},
    "ALIAS": ADDRESS_OR_NAME - {"ALIAS"},
} | {url: URL | {"A", "AAAA", "CNAME", "NS"} for url in URL}
APART_APEX = {
    "CNAME": {"ALIAS", "A", "AAAA", "SRV", "CAA", "SVCB", "HTTPS"} | URL,
    "ALIAS": {"CNAME", "A", "AAAA"},
} | {url: URL | {"A", "AAAA", "CNAME"} for url in URL}


def conflict(one, other, apex):
    """Whether records of these types can't both be at one name and line."""
    table = APART_APEX if apex else APART
    return other in table.get(one, ()) or one in table.get(other, ())


@dataclasses.dataclass
class Record:
    """One record as it is listed."""

    id: str
    domain: str
    rr: str
    type: str
    value: str
    ttl: int = values.TTL_S
    line: str = "default"
    priority: int | None = None
    remark: str = ""
    weight: int = 1
    status: str = "ENABLE"
    locked: bool = False
    created_ms: int = 0
    updated_ms: int = 0

    @property
    def key(self):
        """Equal: a duplicate."""
        return self.rr, self.type, self.line, values.value_key(self.type, self.value), self.priority

    def __repr__(self):
        return f"{self.rr} {self.ttl} {self.type} {self.value} ({self.remark or 'no remark'})"


class Domain:
    """One hosted domain. `edition`: a name of values.EDITIONS; `limits` replaces fields of it."""

    def __init__(self, name, edition="ultimate", **limits):
        self.name = values.domain_name(name)
        self.edition = dataclasses.replace(values.EDITIONS[edition], **limits)
        self.id = str(uuid.uuid4())
        self.records = {}  # id: Record, oldest first
        self.by_rr = {}  # rr: {id: Record}
        self.history = {}  # rr: [(monotonic, (Record, ...))], oldest first: what the name servers have of it
        self.changed = [(time.monotonic(), 1)]  # SOA serials likewise
        self.balanced = set()  # (rr, type, line) whose weights count
        self.forbidden = None  # a Code: all writes are refused with it

    @property
    def punycode(self):
        return values.ascii_name(self.name)


class Store:
    """All domains of one account."""

    def __init__(self, clock):
        self.clock, self.lock = clock, threading.RLock()
        self.domains = {}
        self.foreign = set()  # domains of other accounts
        self.writes = 0  # that have changed something
        self._ids = itertools.count(FIRST_ID)
        self._where = {}  # record id: Domain

    # --- domains --------------------------------------------------------------------------------

    def domain(self, name, edition="ultimate", **limits):
        """Host one."""
        made = Domain(name, edition, **limits)
        with self.lock:
            self.domains[made.name] = made
        return made

    def find(self, name):
        """The domain that a call names."""
        name = values.domain_name(name)
        if name in self.foreign:
            raise Refused("IncorrectDomainUser")
        if name not in self.domains:
            raise Refused("InvalidDomainName.NoExist")
        return self.domains[name]

    def record(self, number):
        found = self._where.get(number)
        if found is None:
            raise Refused("DomainRecordNotBelongToUser")
        return found.records[number]

    # --- the API --------------------------------------------------------------------------------

    def _checked(self, domain, rr, rtype, value, ttl, line, priority):
        """What is kept of it, as a Record without an id."""
        if domain.forbidden:
            raise Refused(domain.forbidden)
        edition, rtype = domain.edition, values.record_type(rtype)
        rr = values.rr_name(rr, rtype)
        if len(f"{values.ascii_name(rr)}.{domain.punycode}") > values.NAME_SIZE_MAX:
            raise Refused("InvalidRR.Length")
        if rr != "@" and rr.count(".") + 1 > edition.levels_max:
            raise Refused("QuotaExceeded.SubDomain", edition.levels_max)
        ttl = values.ttl(ttl, edition.ttl_min_s) if ttl else max(values.TTL_S, edition.ttl_min_s)
        line = values.line(line or "default")
        value, priority = values.value(value, rtype), values.priority(priority, rtype)
        return Record("", domain.name, rr, rtype, value, ttl, line, priority)

    def _beside(self, domain, new, old=None):
        """`new` may stand beside what there is, `old` not counted."""
        beside = [one for one in domain.by_rr.get(new.rr, {}).values() if one.line == new.line and one is not old]
        if any(one.key == new.key for one in beside):
            raise Refused("DomainRecordDuplicate")
        if any(conflict(one.type, new.type, new.rr == "@") for one in beside):
            raise Refused("DomainRecordConflict")
        if sum(one.type == new.type for one in beside) >= domain.edition.same_max:
            code = "QuotaExceeded.ARecord" if new.type == "A" else "QuotaExceeded.Record"
            raise Refused(code, domain.edition.same_max)
        if old is None and len(domain.records) >= domain.edition.records_max:
            raise Refused("QuotaExceeded.Record", domain.edition.records_max)

    def add(self, domain, rr, rtype, value, ttl=None, line=None, priority=None):
        new = self._checked(domain, rr, rtype, value, ttl, line, priority)
        self._beside(domain, new)
        return self._insert(domain, new)

    def _unlocked(self, number):
        record = self.record(number)
        if self._where[number].forbidden:
            raise Refused(self._where[number].forbidden)
        if record.locked:
            raise Refused("DomainRecordLocked")
        return record

    def update(self, number, rr, rtype, value, ttl=None, line=None, priority=None):
        """Remark, weight and status stay."""
        old = self._unlocked(number)
        domain = self._where[number]
        new = self._checked(domain, rr, rtype, value, ttl, line, priority)
        if new.key == old.key and new.ttl == old.ttl and new.value == old.value:
            raise Refused("DomainRecordDuplicate")
        self._beside(domain, new, old)
        kept = {"rr": new.rr, "type": new.type, "value": new.value, "ttl": new.ttl, "line": new.line}
        return self.edit(old, **kept, priority=new.priority)

    def delete(self, number):
        self.remove(self._unlocked(number))

    def set_status(self, number, enabled):
        return self.edit(self._unlocked(number), status="ENABLE" if enabled else "DISABLE")

    def set_remark(self, number, remark):
        """A lock doesn't guard it."""
        return self.edit(self.record(number), remark=remark)

    def set_weight(self, number, weight):
        record = self._unlocked(number)
        if record.rr.startswith("*"):
            raise Refused("PanDomainRecord")
        if record.status != "ENABLE":
            raise Refused("DomainRecordDisable")
        if (record.rr, record.type, record.line) not in self._where[number].balanced:
            raise Refused("DisableDNSSLB")
        if not weight.isdigit() or not 1 <= int(weight) <= 100:
            raise Refused("InvalidWeigth")
        return self.edit(record, weight=int(weight))

    # --- somebody's hand ------------------------------------------------------------------------

    def put(self, domain, rr, rtype, value, **fields):
        """A record, unchecked; `fields` of Record. Returns it."""
        with self.lock:
            return self._insert(domain, Record("", domain.name, rr.lower(), rtype, value, **fields))

    def edit(self, record, **fields):
        """Change `fields` of a record, unchecked. Returns the record as it is now: the old one is left as it was."""
        with self.lock:
            domain = self._where[record.id]
            old = domain.records[record.id]
            new = dataclasses.replace(old, **fields, updated_ms=int(self.clock.now() * 1000))
            if new.rr != old.rr:
                domain.by_rr[old.rr].pop(old.id)
                self._happened(domain, old.rr)
            domain.records[record.id] = domain.by_rr.setdefault(new.rr, {})[record.id] = new
            self._happened(domain, new.rr)
            return new

    def remove(self, record):
        """Delete, unchecked."""
        with self.lock:
            domain = self._where.pop(record.id)
            old = domain.records.pop(record.id)
            del domain.by_rr[old.rr][old.id]
            self._happened(domain, old.rr)

    def _insert(self, domain, record):
        record.id = str(next(self._ids))
        record.created_ms = record.updated_ms = int(self.clock.now() * 1000)
        domain.records[record.id] = domain.by_rr.setdefault(record.rr, {})[record.id] = record
        self._where[record.id] = domain
        self._happened(domain, record.rr)
        return record

    def _happened(self, domain, rr):
        """The name servers will hear of it."""
        now, held = time.monotonic(), tuple(domain.by_rr.get(rr, {}).values())
        domain.history.setdefault(rr, []).append((now, held))
        domain.changed.append((now, domain.changed[-1][1] + 1))
        self.writes += 1
        if not held:
            domain.by_rr.pop(rr, None)

"""Calls per second per API, counted in windows of one second."""

import math
import threading
import time

PER_S = {
    "AddDomain": 10,
    "DeleteDomain": 10,
    "AddDomainRecord": 60,
    "UpdateDomainRecord": 60,
    "DeleteDomainRecord": 60,
    "DeleteSubDomainRecords": 20,
    "DescribeDomainRecords": 100,
    "DescribeSubDomainRecords": 300,
    "DescribeDomainRecordInfo": 200,
}


class Quota:
    """`per_s` by action; `other_per_s` is for those it doesn't list. None: as many as come."""

    def __init__(self):
        self.per_s, self.other_per_s = dict(PER_S), None
        self.now = time.monotonic
        self._window, self._lock = {}, threading.Lock()

    def take(self, action):
        """False: above it."""
        limit = self.per_s.get(action, self.other_per_s)
        second = math.floor(self.now())
        with self._lock:
            begun, count = self._window.get(action, (second, 0))
            count = count if begun == second else 0
            if limit is not None and count >= limit:
                return False
            self._window[action] = (second, count + 1)
            return True

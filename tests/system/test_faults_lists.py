"""Whatever happens to lists, names answer what the API server holds, and lose nothing meanwhile."""

import unittest

import fault_rows
from fault_bed import FaultTable


class Lists(FaultTable):
    """One daemon for services and one for their endpoints."""

    def test_services(self):
        self.run_table([("services", row) for row in fault_rows.list_rows()])

    def test_slices(self):
        self.run_table([("slices", row) for row in fault_rows.list_rows()])


if __name__ == "__main__":
    unittest.main()

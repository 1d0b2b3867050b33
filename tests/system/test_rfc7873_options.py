"""Options of EDNS: cookies, NSID, client subnets, extended errors."""

import struct
import time
import unittest

import wire
from harness import SystemTest, wait_until
from rules import CONFIG, GLOBAL, IDENTITY, SECRET, Rules, on_every_server
from siphash import siphash24

CLIENT = b"clientck"
CLOCK_S = 60  # the servers' clocks are ours
WITH_COOKIES = CONFIG | {
    "knotd": CONFIG["knotd"] + f"mod-cookies:\n  - id: it\n    secret: 0x{SECRET}\n"
    "template:\n  - id: default\n    global-module: mod-cookies/it\n"
}
STRICT = ("BADCOOKIE", "wants a good server cookie of who knows cookies")
NO_SUBNETS = "knows no client subnets"


class OptionRules(Rules):
    """Beside expect(): questions with options."""

    def options(self, *options):
        """(RCODE, options of the reply)."""
        reply = self.ask(wire.edns_query(GLOBAL, *options))
        return reply.rcode, reply.options

    def only_option(self, code, data=b""):
        """(RCODE, data of the same option in the reply)."""
        rcode, options = self.options(wire.option(code, data))
        return rcode, options.get(code)


def cookie_of(when, address=b"\x7f\0\0\1"):
    """RFC 9018 section 4: version 1, time, and a hash with a secret that all servers share."""
    begin = CLIENT + struct.pack(">BxxxI", 1, when)
    return begin + siphash24(bytes.fromhex(SECRET), begin + address)


def cookie_time(cookie):
    return struct.unpack_from(">I", cookie, 12)[0]


@on_every_server
class Cookies(OptionRules):
    """RFC 7873, with the server cookies of RFC 9018: one server takes another's."""

    config = WITH_COOKIES

    def cookie(self, *cookies):
        """(RCODE, cookie of the reply): over UDP, as over TCP the client's address is proven."""
        reply = self.udp(wire.edns_query(GLOBAL, *(wire.option(wire.COOKIE, data) for data in cookies)))
        return reply.rcode, reply.options.get(wire.COOKIE)

    def test_rfc9018_4_a_client_cookie_gets_the_server_cookie_that_all_servers_make(self):
        _rcode, cookie = self.cookie(CLIENT)
        self.expect(len(cookie), 24)
        self.expect(cookie, cookie_of(cookie_time(cookie)))
        self.expect(abs(cookie_time(cookie) - time.time()) < CLOCK_S, True)

    def test_rfc7873_5_2_3_a_client_cookie_alone_is_answered(self):
        self.expect(self.cookie(CLIENT)[0], "NOERROR", knotd=STRICT)

    def test_rfc7873_5_2_5_a_good_server_cookie_is_answered(self):
        rcode, cookie = self.cookie(cookie_of(int(time.time())))
        self.expect((rcode, cookie[:8]), ("NOERROR", CLIENT))

    def test_rfc7873_5_2_2_sizes_that_no_cookie_has_are_format_errors(self):
        for size in (0, 1, 7, 9, 15, 41):
            self.expect(self.cookie(b"c" * size)[0], "FORMERR")
        for size in (16, 17, 23, 32, 40):
            self.expect(self.cookie(b"c" * size)[0], "NOERROR", knotd=STRICT)

    def test_rfc7873_5_2_of_several_the_first_counts(self):
        all_count = ("FORMERR", "looks at all, and the second is too short")
        self.expect(self.cookie(CLIENT, b"x")[0], "NOERROR", nsd=all_count, knotd=all_count, named=all_count)

    def test_rfc7873_5_4_a_cookie_may_be_asked_for_alone(self):
        message = wire.message(wire.opt(wire.option(wire.COOKIE, CLIENT)), counts=(0, 0, 0, 1))
        reply = self.ask(message)
        needs = (("FORMERR", 0), "wants a question")
        self.expect((reply.rcode, len(reply.options.get(wire.COOKIE, b""))), ("NOERROR", 24), knotd=needs)


@on_every_server
class CookiesWanted(OptionRules):
    """Servers that want a good cookie of every client that knows cookies; NSD can't, and is left as it is."""

    config = WITH_COOKIES | {
        "fedns": CONFIG["fedns"].replace("{secrets", "{required: true, secrets"),
        "named": CONFIG["named"] + " require-server-cookie yes;",
    }

    def test_rfc7873_5_2_3_without_a_good_one_it_is_badcookie_with_one_to_come_back_with(self):
        now = int(time.time())
        forged, old = cookie_of(now)[:-1] + b"x", cookie_of(now - 4000)
        of_another = cookie_of(now, address=b"\x7f\0\0\2")
        for sent in (CLIENT, forged, old, of_another):
            reply = self.udp(wire.edns_query(GLOBAL, wire.option(wire.COOKIE, sent)))
            self.expect(reply.rcode, "BADCOOKIE", nsd=("NOERROR", "can't be told to want them"))
            self.expect(self.only_option(wire.COOKIE, reply.options[wire.COOKIE])[0], "NOERROR")

    def test_rfc7873_5_2_3_over_tcp_none_is_wanted(self):
        reply = self.tcp(wire.edns_query(GLOBAL, wire.option(wire.COOKIE, CLIENT)))
        self.expect(reply.rcode, "NOERROR")

    def test_rfc7873_5_2_1_who_knows_no_cookies_is_answered(self):
        self.expect(self.ask(wire.edns_query(GLOBAL)).rcode, "NOERROR")


@on_every_server
class Identity(OptionRules):
    """RFC 5001."""

    def test_rfc5001_2_2_nsid_is_told_to_who_asks(self):
        self.expect(self.only_option(wire.NSID), ("NOERROR", IDENTITY.encode()))
        self.expect(self.options(), ("NOERROR", {}))

    def test_rfc5001_2_2_who_asks_says_nothing_with_it_and_it_is_passed_over(self):
        self.expect(self.only_option(wire.NSID, b"x"), ("NOERROR", IDENTITY.encode()))


@on_every_server
class Subnets(OptionRules):
    """RFC 7871; the answers are the same for all clients."""

    def test_rfc7871_7_2_1_they_come_back_with_scope_0(self):
        none = (("NOERROR", None), NO_SUBNETS)
        for text in ("0001 18 00 c00002", "0002 38 00 20010db8000000", "0001 17 00 c00002", "0001 00 00"):
            data = bytes.fromhex(text)
            self.expect(self.only_option(wire.SUBNET, data), ("NOERROR", data), nsd=none, knotd=none)

    def test_rfc7871_6_malformed_ones_are_format_errors(self):
        none = ("NOERROR", NO_SUBNETS)
        for text in (
            "0003 18 00 c00002",  # family
            "0001 18 01 c00002",  # scope
            "0001 10 00 c00002",  # more octets than bits
            "0001 19 00 c00002",  # fewer
            "0001 17 00 c00001",  # bits behind the last
            "0001 21 00 c000020101",  # more bits than an address has
            "0001 18",
        ):
            rcode = self.rcode(wire.edns_query(GLOBAL, wire.option(wire.SUBNET, bytes.fromhex(text))))
            self.expect(rcode, "FORMERR", nsd=none, knotd=none)

    def test_rfc7871_6_there_is_no_family_0(self):
        none, takes = ("NOERROR", NO_SUBNETS), ("NOERROR", "takes it where there is no address either")
        self.expect(self.only_option(wire.SUBNET, bytes(4))[0], "FORMERR", nsd=none, knotd=none, named=takes)


@on_every_server
class Errors(OptionRules):
    """RFC 8914."""

    def test_rfc8914_4_21_the_zone_is_not_here(self):
        reply = self.ask(wire.edns_query("example.net."))
        got = reply.rcode, reply.options
        silent = (("REFUSED", {}), "doesn't say why")
        self.expect(got, ("REFUSED", {wire.ERROR: b"\0\x14"}), named=silent)

    def test_rfc8914_2_who_sends_no_opt_is_told_nothing(self):
        self.expect(self.ask("example.net.").additional, [])


@on_every_server
class Allowed(OptionRules):
    """Who may ask is on a list, and we are not on it."""

    client = "127.0.0.2"
    config = CONFIG | {
        "fedns": CONFIG["fedns"] + "allow: [127.0.0.1/32]\n",
        "nsd": " allow-query: 127.0.0.1 NOKEY\n" + CONFIG["nsd"],
        "knotd": CONFIG["knotd"] + "mod-queryacl:\n  - id: it\n    address: 127.0.0.1\n"
        "template:\n  - id: default\n    global-module: mod-queryacl/it\n",
        "named": CONFIG["named"] + " allow-query { 127.0.0.1; };",
    }

    def test_rfc8914_4_19_prohibited(self):
        reply = self.ask(wire.edns_query(GLOBAL))
        self.expect(
            (reply.rcode, reply.options),
            ("REFUSED", {wire.ERROR: b"\0\x12"}),
            knotd=(("NOTAUTH", {}), "calls it not authorized"),
        )


class NotReady(SystemTest):
    """fedns alone: the others don't start without a zone."""

    def test_rfc8914_4_15_without_a_state_it_is_servfail(self):
        self.write_config()
        daemon = self.start(ready=False)

        def asked():
            try:
                return wire.udp_exchange("127.0.0.1", daemon.port, wire.edns_query(GLOBAL), 0.2)
            except OSError:
                return None

        reply = wait_until("an answer", asked)
        self.assertEqual((reply.rcode, reply.options), ("SERVFAIL", {wire.ERROR: b"\0\x0e"}))
        self.assertFalse(reply.aa)


if __name__ == "__main__":
    unittest.main()

"""Connections: RFC 7766, RFC 7828. That messages get the same replies as over UDP, ask() sees to in the other files."""

import contextlib
import itertools
import socket
import unittest

import wire
from rules import CONFIG, GLOBAL, LADDER, MANY, MISSING, ZONE, Rules, on_every_server

PADDING = 12  # RFC 7830
IN_A_HURRY = 100


class Connections(Rules):
    """Beside expect(): reading what comes."""

    def replies(self, sock):
        """Up to the end of the connection."""
        with contextlib.suppress(ConnectionError):
            yield from iter(lambda: wire.tcp_read(sock), None)

    def read(self, sock, count):
        """So many, by id: they may come in any order (section 7)."""
        found = {reply.id: reply for reply in itertools.islice(self.replies(sock), count)}
        self.assertEqual(len(found), count)
        return found


@on_every_server
class Streams(Connections):
    """Messages behind one another, in whatever pieces."""

    # Knot gives the second piece half a second, which a busy machine needs
    config = CONFIG | {"knotd": CONFIG["knotd"] + "  tcp-io-timeout: 5000\n"}

    def test_rfc7766_6_2_1_one_connection_serves_many_questions(self):
        with self.connect() as sock:
            for name in (GLOBAL, MISSING, LADDER[0], ZONE):
                sock.sendall(wire.tcp_frame(wire.query(name)))
                self.expect(wire.tcp_read(sock).question, [(name, "A")])

    def test_rfc7766_6_2_1_1_questions_need_not_wait_for_answers(self):
        wanted = {number: (GLOBAL, MISSING, LADDER[0], ZONE)[number % 4] for number in range(IN_A_HURRY)}
        with self.connect() as sock:
            sock.sendall(b"".join(wire.tcp_frame(wire.query(name, number=n)) for n, name in wanted.items()))
            found = self.read(sock, len(wanted))
        self.expect({number: reply.question[0][0] for number, reply in found.items()}, wanted)

    def test_rfc7766_6_2_1_1_answers_wait_for_a_client_that_reads_late(self):
        with self.connect() as sock:
            sock.sendall(b"".join(wire.tcp_frame(wire.query(MANY, number=n)) for n in range(IN_A_HURRY)))
            found = self.read(sock, IN_A_HURRY)
        self.expect({len(reply.answer) for reply in found.values()}, {96})

    def test_rfc7766_8_a_message_may_come_octet_by_octet(self):
        with self.connect() as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for octet in wire.tcp_frame(wire.query(GLOBAL)):
                sock.sendall(bytes([octet]))
            self.expect(len(wire.tcp_read(sock).answer), 2)

    def test_rfc7766_8_a_message_may_come_in_two_pieces_cut_anywhere(self):
        frame = wire.tcp_frame(wire.query(GLOBAL))
        for cut in (1, 2, 3, 13, len(frame) - 1):
            with self.connect() as sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.sendall(frame[:cut])
                self.udp(wire.query(GLOBAL))  # time for the server to see that there is no more
                sock.sendall(frame[cut:])
                self.expect(len(wire.tcp_read(sock).answer), 2)

    def test_rfc7766_8_the_next_message_may_begin_in_the_same_piece(self):
        first, second = (wire.tcp_frame(wire.query(name)) for name in (GLOBAL, MISSING))
        with self.connect() as sock:
            sock.sendall(first + second[:7])
            self.expect(wire.tcp_read(sock).rcode, "NOERROR")
            sock.sendall(second[7:])
            self.expect(wire.tcp_read(sock).rcode, "NXDOMAIN")

    def test_rfc7766_8_a_message_may_be_65535_octets(self):
        room = 65535 - len(wire.edns_query(GLOBAL, wire.option(PADDING)))
        message = wire.edns_query(GLOBAL, wire.option(PADDING, bytes(room)))
        self.assertEqual(len(message), 65535)
        with self.connect() as sock:
            sock.sendall(wire.tcp_frame(message))
            self.expect(wire.tcp_read(sock).rcode, "NOERROR")


@on_every_server
class Ends(Connections):
    """How a connection ends, and how it doesn't."""

    def test_rfc1035_4_2_2_a_client_that_sends_no_more_gets_its_answers(self):
        count = 16 if self.program == "named" else IN_A_HURRY  # BIND forgets what it has not begun with by then
        with self.connect() as sock:
            sock.sendall(b"".join(wire.tcp_frame(wire.query(MANY, number=n)) for n in range(count)))
            sock.shutdown(socket.SHUT_WR)
            self.expect(len(list(self.replies(sock))), count)

    def test_rfc1035_4_2_2_a_cut_message_at_the_end_is_no_message(self):
        whole = wire.tcp_frame(wire.query(GLOBAL, number=1))
        for rest in (b"\0", b"\xff\xff", whole[:-1]):
            with self.connect() as sock:
                sock.sendall(whole + rest)
                sock.shutdown(socket.SHUT_WR)
                self.expect([reply.id for reply in self.replies(sock)], [1])

    def test_rfc7766_8_a_message_of_no_octets_ends_the_connection(self):
        with self.connect() as sock:
            sock.sendall(b"\0\0" + wire.tcp_frame(wire.query(GLOBAL)))
            self.expect(list(self.replies(sock)), [])

    def test_rfc7766_6_2_4_a_message_without_an_answer_does_not_end_it(self):
        ends = (False, "ends it")
        self.expect(self.goes_on(wire.query(GLOBAL, flags=wire.QR)), True, nsd=ends, named=ends)

    def test_rfc7766_6_2_4_nor_does_one_with_an_error(self):
        ends = (False, "ends it")
        self.expect(self.goes_on(wire.query("a" * 64 + "." + ZONE)), True, knotd=ends)

    def goes_on(self, message):
        """Is a question behind `message` answered?"""
        with self.connect() as sock:
            sock.sendall(wire.tcp_frame(message) + wire.tcp_frame(wire.query(GLOBAL)))
            return any(reply.question == [(GLOBAL, "A")] for reply in self.replies(sock))


@on_every_server
class Keepalive(Connections):
    """RFC 7828; that what is told is true, test_rfc7766_idle.py sees to."""

    def timeout(self, exchange, *options):
        """What the reply's option says, in units of 100 ms."""
        reply = exchange("127.0.0.1", self.port, wire.edns_query(GLOBAL, *options))
        data = reply.options.get(wire.KEEPALIVE)
        return data and int.from_bytes(data, "big")

    def test_rfc7828_3_3_2_the_timeout_is_told_over_tcp_to_who_asks(self):
        none = (None, "knows no keepalive")
        asked = wire.option(wire.KEEPALIVE)
        longer = (300, "its own default")
        self.expect(self.timeout(wire.tcp_exchange, asked), 100, nsd=none, knotd=none, named=longer)
        self.expect(self.timeout(wire.tcp_exchange), None)

    def test_rfc7828_3_2_2_over_udp_it_is_passed_over(self):
        self.expect(self.timeout(wire.udp_exchange, wire.option(wire.KEEPALIVE)), None)


if __name__ == "__main__":
    unittest.main()

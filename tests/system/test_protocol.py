"""What a public server meets: clients of every make, and octets that no client sends."""

import contextlib
import random
import socket
import subprocess
import unittest

import state
import wire
from harness import SystemTest, wait_until

MUTATED = 20000
SEED = 20261123
UDP_SIZE = 1232
NAME = f"{state.NGINX}.{state.ZONE}."


class Clients(SystemTest):
    """Options that dig shows."""

    def dig(self, *arguments):
        command = ["dig", "@127.0.0.1", "-p", str(self.port), "+tries=1", "+time=2", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout

    def test_dig_takes_our_cookies_for_good(self):
        self.start_guide()
        out = self.dig("+cookie", NAME, "A")
        self.assertRegex(out, r"COOKIE: [0-9a-f]{48} \(good\)")

    def test_replicas_with_one_secret_take_each_others_cookies(self):
        secret = "cookies: {required: true, secrets: [00112233445566778899aabbccddeeff]}\n"
        self.start_guide(secret)
        cookie = self.dig("+cookie", "+nobadcookie", NAME, "A").split("COOKIE: ")[1].split()[0]
        self.port += 1
        self.start_guide(secret)
        out = self.dig(f"+cookie={cookie}", "+nobadcookie", NAME, "A")
        self.assertIn("status: NOERROR", out)
        self.assertIn("status: BADCOOKIE", self.dig("+cookie=0011223344556677", "+nobadcookie", NAME, "A"))

    def test_the_server_says_who_it_is_unless_it_hides(self):
        daemon = self.start_guide("identity: {version: mine, id: pod-7}\n")
        self.assertEqual(self.dig("+short", "CH", "TXT", "version.bind"), '"mine"\n')
        self.assertEqual(self.dig("+short", "CH", "TXT", "id.server"), '"pod-7"\n')
        self.assertIn('NSID: 70 6f 64 2d 37 ("pod-7")', self.dig("+nsid", NAME))
        daemon.stop()
        self.start_guide("identity: {hide: true}\n")
        self.assertIn("status: REFUSED", self.dig("CH", "TXT", "version.bind"))
        self.assertNotIn("NSID:", self.dig("+nsid", NAME))

    def test_answers_say_when_they_are_stale(self):
        daemon = self.start_guide()
        self.assertNotIn("EDE", self.dig(NAME))
        self.write_state("{ half a sta")
        daemon.log_wait("state refused")
        self.assertIn("EDE: 3 (Stale Answer)", self.dig(NAME))
        self.write_state(state.guide())
        wait_until("a fresh answer", lambda: "EDE" not in self.dig(NAME))

    def test_the_order_of_addresses_changes(self):
        daemon = self.start_guide("workers: 1\n")
        firsts = {daemon.ask(f"{state.NGINX}.{state.ZONE}.").answer[0].rdata for _ in range(8)}
        self.assertEqual(firsts, {state.HANGZHOU, state.SHANGHAI})

    def test_a_transfer_is_refused(self):
        self.start_guide()
        command = ["dig", "@127.0.0.1", "-p", str(self.port), "+tcp", "AXFR", state.ZONE]
        out = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout
        self.assertIn("Transfer failed", out)


class Bursts(SystemTest):
    """Many at once, all from one address: a resolver after TC, or everybody behind one NAT."""

    COUNT = 200

    def test_a_burst_of_tcp_clients_is_answered_whole(self):
        self.start_guide("workers: 1\n")
        question = wire.query(NAME, "A")
        with contextlib.ExitStack() as stack:
            sockets = []
            for _ in range(self.COUNT):
                sock = stack.enter_context(socket.create_connection(("127.0.0.1", self.port), timeout=5))
                sock.sendall(len(question).to_bytes(2, "big") + question)
                sockets.append(sock)
            answered = sum(bool(sock.recv(2)) for sock in sockets)
        self.assertEqual(answered, self.COUNT)


class Octets(SystemTest):
    """Mutated messages: the seed is fixed, so a failure can be had again."""

    def mutate(self, chance, message):
        data = bytearray(message)
        for _ in range(chance.randrange(1, 5)):
            at = chance.randrange(len(data))
            kind = chance.randrange(4)
            if kind == 0:
                data[at] = chance.randrange(256)
            elif kind == 1:
                del data[at:at + chance.randrange(1, 8)]
            elif kind == 2:
                data[at:at] = chance.randbytes(chance.randrange(1, 8))
            else:
                data = data[: max(at, 1)]
            if not data:
                return chance.randbytes(3)
        return bytes(data)

    def test_mutated_messages_do_no_harm(self):
        daemon = self.start_guide()
        chance = random.Random(SEED)
        names = (NAME, f"{state.NGINX}.cn-beijing.{state.ZONE}.", f"{state.ZONE}.", "svc.example.", "version.bind.")
        good = [wire.query(name, rtype) for name in names for rtype in ("A", "AAAA", "SOA", "NS")]
        answered = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", self.port))
            for i in range(MUTATED):
                sock.send(self.mutate(chance, chance.choice(good)))
                if i % 100 == 99:
                    answered += self.take(sock)
        self.assertGreater(answered, MUTATED // 4)
        self.assertEqual(sorted(daemon.addresses()), sorted([state.HANGZHOU, state.SHANGHAI]))

    def take(self, sock):
        """All that has come; none larger than may be."""
        count = 0
        sock.settimeout(0.005)
        while True:
            try:
                reply = sock.recv(65535)
            except TimeoutError:
                return count
            self.assertLessEqual(len(reply), UDP_SIZE)
            self.assertTrue(reply[2] & 0x80)
            count += 1


if __name__ == "__main__":
    unittest.main()

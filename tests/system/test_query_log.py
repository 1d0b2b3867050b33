"""`query_log:` - one in so many questions stands in the log; and the log itself: JSON, repeats, no reader."""

import json
import os
import signal
import subprocess

import state
import wire
from harness import FEDNS, START_S, SystemTest, die_with_parent, wait_until

PREFIX = "127.0.0.0/24"


class QueryLog(SystemTest):
    """A daemon that tells what it is asked."""

    def questions(self, daemon):
        return [line for line in daemon.log.split("\n") if " query: " in line]

    def test_a_line_tells_who_asked_what_and_what_came_of_it(self):
        daemon = self.start_guide("query_log: 1\n")
        name = f"{state.NGINX}.{state.ZONE}."
        size = wire.udp_exchange("127.0.0.1", self.port, wire.query(name, "A", edns_size=1232)).size
        line = daemon.log_wait(" query: ")
        fields = f"client={PREFIX} name={name} type=A rcode=NOERROR size={size} transport=udp"
        self.assertTrue(line.endswith(f" info query: answered {fields}"), line)
        daemon.ask("none.of.this", tcp=True)
        daemon.log_wait(f"name=none.of.this.{state.ZONE}. type=A rcode=NXDOMAIN", "transport=tcp")
        daemon.ask("example.org.")
        daemon.log_wait("name=example.org. type=A rcode=REFUSED")

    def test_one_in_so_many_of_each_thread(self):
        daemon = self.start_guide("query_log: 50\nworkers: 1\n")
        for _ in range(200):
            daemon.ask(state.NGINX)
        wait_until("the lines", lambda: len(self.questions(daemon)) >= 4)
        daemon.stop()
        self.assertEqual(len(self.questions(daemon)), 4)

    def test_a_reload_turns_it_on_and_off(self):
        daemon = self.start_guide()
        daemon.ask(state.NGINX)
        for text, logged in (("query_log: 1\n", True), ("", False), ("query_log: 1\n", True)):
            self.write_config(text)
            since = daemon.log_size()
            daemon.signal(signal.SIGHUP)
            daemon.log_wait("configuration read again", since=since)
            since = daemon.log_size()
            daemon.ask(f"{state.NGINX}.cn-hangzhou")
            if logged:
                daemon.log_wait(" query: ", since=since)
            else:
                self.write_config("log: {level: debug}\n")
                daemon.signal(signal.SIGHUP)
                daemon.log_wait("configuration read again", since=since)
                self.assertNotIn(" query: ", daemon.log[since:])

    def test_json_has_its_keys_in_their_order(self):
        daemon = self.start_guide("query_log: 1\nlog: {format: json}\n")
        daemon.ask(state.NGINX)
        line = json.loads(daemon.log_wait('"room":"query"'))
        self.assertEqual(list(line)[:4], ["time", "level", "room", "message"])
        self.assertEqual(list(line)[4:], ["client", "name", "type", "rcode", "size", "transport"])
        self.assertEqual((line["client"], line["rcode"], type(line["size"])), (PREFIX, "NOERROR", int))

    def test_repeats_are_counted(self):
        daemon = self.start_guide()
        for _ in range(9):
            since = daemon.log_size()
            daemon.signal(signal.SIGHUP)
            if "times more" not in daemon.log and daemon.log.count("configuration read again") < 5:
                daemon.log_wait("configuration read again", since=since)
        daemon.stop()
        lines = [line for line in daemon.log.split("\n") if "configuration read again" in line]
        self.assertEqual(sum("times more" not in line for line in lines), 5, daemon.log)
        self.assertIn(" times more within 10 s: configuration read again", lines[-1])

    def test_a_reader_who_reads_nothing_holds_up_no_answer(self):
        self.write_config("query_log: 1\n")
        self.write_state(state.guide())
        read_end, write_end = os.pipe()
        with open(read_end, "rb") as reader:
            with subprocess.Popen(
                [FEDNS, "serve", "-c", str(self.config_path)], stderr=write_end, preexec_fn=die_with_parent
            ) as process:
                os.close(write_end)
                try:
                    name = f"{state.NGINX}.{state.ZONE}."

                    def answered():
                        try:
                            return wire.udp_exchange("127.0.0.1", self.port, wire.query(name, "A"))
                        except OSError:
                            return None

                    wait_until("the first answer", answered, START_S)
                    # 64 KiB of pipe are full after some 500 lines; both answers and the control thread go on
                    for _ in range(1500):
                        self.assertTrue(answered())
                    self.write_state(state.guide("198.51.100.1"))
                    wait_until("the change", lambda: "198.51.100.1" in answered().rdatas("A"))
                    process.terminate()
                    self.assertEqual(process.wait(10), 0)
                finally:
                    process.kill()
            self.assertGreater(reader.read().count(b" query: "), 100)


if __name__ == "__main__":
    import unittest

    unittest.main()

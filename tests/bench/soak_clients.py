"""What soak.py lets loose on a server: each function is a process of its own that runs until `stop` is set and puts what it
counted into `results`. All of it is bounded: so many messages a second, so many connections."""

import random
import select
import socket
import threading
import time

import wire

ZONE = "example"
SERVER = "127.0.0.1"
MOVING = 256  # the services that the state's writer moves: svc-000000 and so on
BURST_S = 0.01  # between the bursts of what is paced
ANSWER_S = 2.0  # later than this is lost
TCP_WAIT_S = 10.0
FIRST_S = 0.4  # TCP_FIRST_MS of serve.h and a little less
TCP_THREADS = 30
STREAM = 4000  # queries of a client that doesn't read: more than buffers hold answers to


def names(chance, services):
    """The name of a question: two thirds of the kinds exist."""
    n = chance.randrange(services)
    service = f"svc-{n:06d}.ns-{n % 1000}.fed.svc"
    return chance.choice(
        [
            f"{service}.{ZONE}",
            f"{service}.{ZONE}",
            f"{service}.cn-region0-a.cn-region0.{ZONE}",
            f"{service}.cn-region2-a.cn-region2.{ZONE}",
            f"no{n}.ns-1.fed.svc.{ZONE}",
            "elsewhere",
        ]
    )


def paced(stop, a_second, act):
    """Call `act` for each of `a_second` times a second, in bursts; what the machine holds up is caught up with."""
    begin, done = time.monotonic(), 0
    while not stop.is_set():
        due = int((time.monotonic() - begin) * a_second)
        if due - done > a_second:  # no storm after a long stop
            done = due - a_second
        while done < due:
            act()
            done += 1
        time.sleep(BURST_S)


def udp_socket(port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.connect((SERVER, port))
    sock.setblocking(False)
    return sock


def drain(sock):
    count = 0
    while True:
        try:
            sock.recv(65535)
            count += 1
        except BlockingIOError:
            return count


def load(stop, results, port, services, a_second):
    """Good questions of all kinds."""
    chance, count = random.Random(1), {"load sent": 0, "load answered": 0}
    messages = [wire.query(names(chance, services), chance.choice(["A", "A", "AAAA"]), edns_size=1232) for _ in range(5000)]
    with udp_socket(port) as sock:

        def act():
            sock.send(messages[count["load sent"] % len(messages)])
            count["load sent"] += 1
            if count["load sent"] % 16 == 0:
                count["load answered"] += drain(sock)

        paced(stop, a_second, act)
        time.sleep(1)
        count["load answered"] += drain(sock)
    results.put(count)


def garbage(chance, seeds):
    """Random octets, or a good message with some of its octets changed, or cut."""
    if chance.random() < 0.5:
        return chance.randbytes(chance.randrange(600))
    message = bytearray(chance.choice(seeds))
    for _ in range(chance.randrange(8)):
        message[chance.randrange(len(message))] = chance.randrange(256)
    return bytes(message[: chance.randrange(len(message) + 1)])


def flood(stop, results, port, services, a_second):
    """Garbage in waves: ten seconds on, five off. Nobody reads what comes back."""
    chance, count = random.Random(2), {"garbage sent": 0}
    seeds = [wire.query(names(chance, services), "A", edns_size=1232) for _ in range(200)]
    with udp_socket(port) as sock:

        def act():
            if time.monotonic() % 15 > 10:
                return
            try:
                sock.send(garbage(chance, seeds))
            except ConnectionRefusedError:
                return
            count["garbage sent"] += 1

        paced(stop, a_second, act)
    results.put(count)


class Prober:
    """Asks for the services that move, and reads the answers: none may be lost, none may mix two states."""

    def __init__(self, port):
        self.sock = udp_socket(port)
        self.under_way = {}
        self.count = {"probes sent": 0, "probes answered": 0, "probes lost": 0, "probes wrong": 0}
        self.slowest_s = 0.0

    def ask(self):
        number, n = self.count["probes sent"] & 0xFFFF, random.randrange(MOVING)
        self.sock.send(wire.query(f"svc-{n:06d}.ns-{n}.fed.svc.{ZONE}", "A", number=number, edns_size=1232))
        self.under_way[number] = (time.monotonic(), n)
        self.count["probes sent"] += 1
        self.take()

    def take(self):
        while True:
            try:
                data = self.sock.recv(65535)
            except BlockingIOError:
                break
            message = wire.decode(data)
            sent_s, n = self.under_way.pop(message.id, (None, None))
            if sent_s is None:
                continue
            self.slowest_s = max(self.slowest_s, time.monotonic() - sent_s)
            self.count["probes answered"] += 1
            versions = {record.rdata.split(".")[1] for record in message.answer}
            good = message.rcode == "NOERROR" and len(message.answer) == 2 and len(versions) == 1
            if not good or any(record.rdata.split(".")[3] != str(n) for record in message.answer):
                self.count["probes wrong"] += 1
        late_s = time.monotonic() - ANSWER_S
        for number in [number for number, (sent_s, _n) in self.under_way.items() if sent_s < late_s]:
            del self.under_way[number]
            self.count["probes lost"] += 1


def probe(stop, results, port, a_second):
    prober = Prober(port)
    paced(stop, a_second, prober.ask)
    while prober.under_way:
        time.sleep(BURST_S)
        prober.take()
    results.put({**prober.count, "slowest probe, ms": round(prober.slowest_s * 1000)})


# --- TCP: one function a kind of client; each gives True if it got what it was owed --------------


def read_all(sock, count):
    """Are there `count` good answers?"""
    for _ in range(count):
        message = wire.tcp_read(sock)
        if message is None or not message.flags & 0x8000:
            return False
    return True


def tcp_pipelines(sock, frames, _stop):
    sock.sendall(b"".join(frames))
    return read_all(sock, len(frames))


def tcp_octet_by_octet(sock, frames, _stop):
    """Who takes longer than workers that end wait for first questions may be cut off by a reload."""
    begin = time.monotonic()
    try:
        for i in range(len(frames[0])):
            sock.sendall(frames[0][i : i + 1])
            time.sleep(0.003)
        good = read_all(sock, 1)
    except OSError:
        good = False
    return good or time.monotonic() - begin > FIRST_S


def tcp_half_closes(sock, frames, _stop):
    sock.sendall(b"".join(frames))
    sock.shutdown(socket.SHUT_WR)
    return read_all(sock, len(frames)) and sock.recv(1) == b""


def tcp_never_reads(sock, frames, stop):
    """It is owed nothing: the server may close."""
    sock.settimeout(0.5)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    try:
        for i in range(STREAM):
            sock.sendall(frames[i % len(frames)])
    except OSError:
        pass
    stop.wait(random.uniform(0, 15))
    return True


def tcp_never_writes(sock, _frames, stop):
    """Nor is this one: idle connections are closed."""
    end = time.monotonic() + random.uniform(0, 15)
    while time.monotonic() < end and not stop.is_set():
        if select.select([sock], [], [], 0.5)[0]:
            break
    return True


def tcp_breaks_off(sock, frames, _stop):
    sock.sendall(frames[0] + frames[1][: random.randrange(1, len(frames[1]))])
    return read_all(sock, 1)


KINDS = [tcp_pipelines, tcp_octet_by_octet, tcp_half_closes, tcp_never_reads, tcp_never_writes, tcp_breaks_off]


def tcp_client(stop, port, services, seed, count, lock):
    chance = random.Random(seed)
    while not stop.is_set():
        kind = chance.choice(KINDS)
        frames = [wire.tcp_frame(wire.query(names(chance, services), "A", edns_size=1232)) for _ in range(20)]
        try:
            # clients of many addresses: one address has a share only
            source = (f"127.0.1.{chance.randrange(1, 20)}", 0)
            with socket.create_connection((SERVER, port), timeout=TCP_WAIT_S, source_address=source) as sock:
                good = kind(sock, frames, stop)
        except OSError:
            good = False
        with lock:
            key = f"{kind.__name__} {'good' if good else 'failed'}"
            count[key] = count.get(key, 0) + 1
        stop.wait(chance.uniform(0, 0.2))


def tcp(stop, results, port, services):
    count, lock = {}, threading.Lock()
    threads = [
        threading.Thread(target=tcp_client, args=(stop, port, services, seed, count, lock)) for seed in range(TCP_THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(count)

"""Small networks in namespaces of their own. A namespace lives as long as one process of ours that holds it, so that
nothing is left when a test is killed, and it has no name that two runs could share."""

import fcntl
import heapq
import os
import select
import shutil
import struct
import subprocess
import threading
import time
import unittest

from harness import LIBC, die_with_parent, wait_until

CLONE_NEWNET = 0x40000000
TUN, TUNSETIFF, IFF_TUN, IFF_NO_PI = "/dev/net/tun", 0x400454CA, 0x0001, 0x1000
MTU = 1280  # the least that IPv6 allows: what is larger than a path may be comes in pieces and is counted


def refuse(why):
    raise unittest.SkipTest(f"no network namespaces: {why}")


def need(*programs):
    """Skip the test, or the class, unless all of them are here."""
    for program in programs:
        if shutil.which(program) is None:
            raise unittest.SkipTest(f"{program} is not installed")


def enter(space):
    """The thread that calls this is in the network namespace from now on."""
    namespace = os.open(space.path, os.O_RDONLY)
    try:
        if LIBC.setns(namespace, CLONE_NEWNET) != 0:
            raise OSError("setns")
    finally:
        os.close(namespace)


def inside(space, function, *arguments):
    """What `function` gives in the namespace. A socket or device that it opens stays there."""
    given, failed = [], []

    def run():
        try:
            enter(space)
            given.append(function(*arguments))
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return given[0]


def tun_open(name):
    """A network device whose packets are read and written here."""
    device = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    except OSError:
        os.close(device)
        raise
    return device


class SlowCable(threading.Thread):
    """A cable that we are: what one of its devices sends comes out of the other `delay_s` later, in order. Many kernels
    come without netem."""

    def __init__(self, *ends):
        """`ends`: a namespace and the name of a device there, twice."""
        super().__init__(daemon=True)
        self.delay_s, self.over, self.carried = 0.0, threading.Event(), 0
        self.devices = [inside(space, tun_open, name) for space, name in ends]
        self.start()

    def _take(self, device, under_way):
        other = self.devices[1 - self.devices.index(device)]
        due = time.monotonic() + self.delay_s
        try:
            while True:
                self.carried += 1
                heapq.heappush(under_way, (due, self.carried, other, os.read(device, 65536)))
        except BlockingIOError:
            pass

    def run(self):
        under_way = []
        while not self.over.is_set():
            wait_s = 0.1 if not under_way else min(0.1, max(0.0, under_way[0][0] - time.monotonic()))
            for device in select.select(self.devices, [], [], wait_s)[0]:
                self._take(device, under_way)
            while under_way and under_way[0][0] <= time.monotonic():
                _due, _number, device, packet = heapq.heappop(under_way)
                try:
                    os.write(device, packet)
                except OSError:
                    pass  # a device that is down takes none: so does a cable that is pulled out

    def close(self):
        self.over.set()
        self.join()
        for device in self.devices:
            os.close(device)


class Space:
    """One network namespace; what is run with `enter` before it runs in there."""

    def __init__(self):
        self.holder = subprocess.Popen(  # pylint: disable=consider-using-with
            ["unshare", "--net", "cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )
        self.path = f"/proc/{self.holder.pid}/ns/net"
        self.enter = ("nsenter", f"--net={self.path}", "--")
        wait_until("a namespace", self._is_there)
        try:
            self.ip("link set lo up", "link add here type veth peer name there", "link delete here")
        except OSError as error:
            self.close()
            refuse(str(error))

    def _is_there(self):
        if self.holder.poll() is not None:
            why = self.holder.stderr.read().strip()
            self.close()
            refuse(why)
        return os.readlink(self.path) != os.readlink("/proc/self/ns/net")

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdin.close()
        self.holder.stderr.close()

    def run(self, *command, timeout_s=15, **more):
        """Run a command in the namespace to its end. Output is text."""
        return subprocess.run(
            [*self.enter, *command], capture_output=True, text=True, timeout=timeout_s, check=False, **more
        )

    def ip(self, *lines):
        done = self.run("ip", "-batch", "-", input="\n".join(lines))
        if done.returncode != 0:
            raise OSError(f"ip {lines}: {done.stderr}")

    def count(self, *names):
        """The sum of these counters of the kernel (/proc/net/snmp for IPv4, /proc/net/snmp6)."""
        head, values = [line.split()[1:] for line in self.run("cat", "/proc/net/snmp").stdout.splitlines()[:2]]
        counters = dict(zip(head, values))
        counters.update(line.split() for line in self.run("cat", "/proc/net/snmp6").stdout.splitlines())
        return sum(int(counters[name]) for name in names)


class Star:
    """A hub, and servers with a cable to it each. They see the hub alone, and nothing leads out of it."""

    HUB = ("10.53.0.1", "fd53::1")

    def __init__(self):
        if os.geteuid() != 0:
            refuse("this needs root")
        if not os.path.exists("/proc/net/snmp6"):
            refuse("this kernel has no IPv6")
        need("unshare", "nsenter", "ip")
        self.spaces, self.cables = [], []
        self.hub = self._space()

    def _space(self):
        space = Space()
        self.spaces.append(space)
        return space

    def server(self, *addresses):
        """A namespace with these addresses (one of IPv4, one of IPv6) at the far end of a cable named `hub`."""
        space, cable = self._space(), f"to{len(self.spaces)}"
        self.hub.ip(f"link add {cable} mtu {MTU} type veth peer name hub mtu {MTU} netns {space.holder.pid}")
        self._plug(space, cable, addresses)
        return space

    def slow_server(self, *addresses):
        """The same with a cable that can be slowed down; both."""
        if not os.access(TUN, os.R_OK | os.W_OK):
            raise unittest.SkipTest(f"no delayed cables: no {TUN}")
        space, name = self._space(), f"to{len(self.spaces)}"
        try:
            self.cables.append(SlowCable((self.hub, name), (space, "hub")))
        except OSError as error:
            raise unittest.SkipTest(f"no delayed cables: {error}") from None
        self.hub.ip(f"link set {name} mtu {MTU}")
        space.ip(f"link set hub mtu {MTU}")
        self._plug(space, name, addresses)
        return space, self.cables[-1]

    def _plug(self, space, cable, addresses):
        for here, device, pairs in (
            (self.hub, cable, zip(self.HUB, addresses)),
            (space, "hub", zip(addresses, self.HUB)),
        ):
            here.ip(f"link set {device} up", *(self._address(device, *pair) for pair in pairs))

    @staticmethod
    def _address(device, own, peer):
        # nodad: an address is usable at once, there is nobody who could have it too
        return f"address add {own} peer {peer} dev {device}" + (" nodad" if ":" in own else "")

    def close(self):
        for cable in self.cables:
            cable.close()
        for space in self.spaces:
            space.close()

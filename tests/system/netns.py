"""Small networks in namespaces of their own. A namespace lives as long as one process of ours that holds it, so that
nothing is left when a test is killed, and it has no name that two runs could share."""

import os
import shutil
import subprocess
import unittest

from harness import die_with_parent, wait_until

MTU = 1280  # the least that IPv6 allows: what is larger than a path may be comes in pieces and is counted


def refuse(why):
    raise unittest.SkipTest(f"no network namespaces: {why}")


def need(*programs):
    """Skip the test, or the class, unless all of them are here."""
    for program in programs:
        if shutil.which(program) is None:
            raise unittest.SkipTest(f"{program} is not installed")


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
        self.spaces = []
        self.hub = self._space()

    def _space(self):
        space = Space()
        self.spaces.append(space)
        return space

    def server(self, *addresses):
        """A namespace with these addresses (one of IPv4, one of IPv6) at the far end of a cable named `hub`."""
        space, cable = self._space(), f"to{len(self.spaces)}"
        self.hub.ip(f"link add {cable} mtu {MTU} type veth peer name hub mtu {MTU} netns {space.holder.pid}")
        for here, device, pairs in (
            (self.hub, cable, zip(self.HUB, addresses)),
            (space, "hub", zip(addresses, self.HUB)),
        ):
            here.ip(f"link set {device} up", *(self._address(device, *pair) for pair in pairs))
        return space

    @staticmethod
    def _address(device, own, peer):
        # nodad: an address is usable at once, there is nobody who could have it too
        return f"address add {own} peer {peer} dev {device}" + (" nodad" if ":" in own else "")

    def close(self):
        for space in self.spaces:
            space.close()

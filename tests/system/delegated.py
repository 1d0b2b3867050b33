"""A small Internet: NSD plays the root and `xyz.`, which delegates our zone to two replicas of fedns. The addresses are
such as the real ones, since some clients judge them; nothing leaves the namespaces."""

import ipaddress
import subprocess

import netns
import state
from harness import SystemTest, die_with_parent, wait_until

ROOT = ("198.41.0.4", "2001:503:ba3e::2:30")
REPLICAS = {"ns1": ("120.55.149.53", "2400:3200:1::53"), "ns2": ("139.196.70.53", "2400:3200:2::53")}
NETWORKS = "asnlookup.zonemaster.net."
START_S = 10.0

SOA = """\
$TTL 86400
@ SOA a.root-servers.net. hostmaster.xyz. 1 14400 3600 604800 3600
@ NS a.root-servers.net.
"""
NSD_CONFIG = """\
server:
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: ""
  logfile: ""
  xfrdfile: ""
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  cookie-secret-file: ""
remote-control:
  control-enable: no
"""

# Strict on names: an empty name that were NXDOMAIN would hide all below it, and a changed case would be a forgery.
# Strict on the path: the NS set and the addresses of the name servers are asked of the zone itself.
UNBOUND_CONFIG = """\
server:
  interface: 127.0.0.1
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 3
  num-threads: 1
  module-config: "iterator"
  root-hints: "hints"
  qname-minimisation: yes
  qname-minimisation-strict: yes
  harden-below-nxdomain: yes
  harden-referral-path: yes
  use-caps-for-id: {caps}
  edns-buffer-size: 1232
  unknown-server-time-limit: 100
  extended-statistics: yes
remote-control:
  control-enable: yes
  control-interface: "{folder}/control"
  control-use-cert: no
"""


def addresses(name, pair):
    return f"{name} 86400 A {pair[0]}\n{name} 86400 AAAA {pair[1]}\n"


def origin(address, number):
    """Whose network an address is in, as Team Cymru tells."""
    half, _, family = ipaddress.ip_address(address).reverse_pointer.removesuffix(".arpa").rpartition(".")
    label, size = ("origin6", 48) if family == "ip6" else ("origin", 24)
    prefix = ipaddress.ip_network(f"{address}/{size}", strict=False)
    return f'{half}.{label}.{NETWORKS} TXT "{number} | {prefix} | CN | apnic | 2011-03-07"\n'


def zones(glue, named, more):
    """What NSD serves: reverse names stand in the root. `more` are further records of `xyz.`."""
    root, xyz, networks = SOA + addresses("a.root-servers.net.", ROOT), SOA, SOA
    for number, (name, pair) in enumerate(REPLICAS.items(), start=64496):  # a number for documentation (RFC 5398)
        owner = f"{name}.{state.ZONE}."
        if name in named:
            xyz += f"{state.ZONE}. NS {owner}\n" + addresses(owner, glue[name])
        for address in pair:
            root += f"{ipaddress.ip_address(address).reverse_pointer}. PTR {owner}\n"
            networks += origin(address, number)
    return {".": root, "xyz.": xyz + more, NETWORKS: networks}


class Delegated(SystemTest):
    """A star: the clients in the middle, the root and each replica at the end of a cable."""

    def setUp(self):
        super().setUp()
        netns.need("nsd")
        self.star = netns.Star()
        self.addCleanup(self.star.close)
        self.hub = self.star.hub
        self.hints = self.folder / "hints"
        self.hints.write_text(f". 86400 NS a.root-servers.net.\n{addresses('a.root-servers.net.', ROOT)}")
        self.root = self.star.server(*ROOT)
        self.replicas, self.links = {}, {}

    def spawn(self, name, space, command, ready):
        """A server that is no fedns: waited for by a text in its log, ended by its own pid."""
        path = self.folder / f"log-{name}"
        with open(path, "wb") as log:
            process = subprocess.Popen(  # pylint: disable=consider-using-with
                [*space.enter, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent
            )
        self.addCleanup(process.wait, 10)
        self.addCleanup(process.terminate)

        def is_ready():
            if process.poll() is not None:
                raise AssertionError(f"{name} ended with {process.returncode}:\n{path.read_text()[-4000:]}")
            return ready in path.read_text(errors="replace")

        wait_until(f"{name} says {ready!r}", is_ready, START_S)
        return path

    def start_root(self, glue=REPLICAS, named=tuple(REPLICAS), more=""):
        """`glue` is what the parent believes of the replicas' addresses, `named` whom it names."""
        text = NSD_CONFIG.format(folder=self.folder)
        for zone, records in zones(glue, named, more).items():
            (self.folder / f"zone{zone}").write_text(records)
            text += f'zone:\n  name: "{zone}"\n  zonefile: "zone{zone}"\n'
        config = self.folder / "nsd.conf"
        config.write_text(text)
        self.spawn("nsd", self.root, ["nsd", "-d", "-c", str(config)], "nsd started")

    def start_unbound(self, caps="yes"):
        """The resolver in the hub. Returns the paths of its configuration and its log."""
        config = self.folder / "unbound.conf"
        config.write_text(UNBOUND_CONFIG.format(folder=self.folder, caps=caps))
        return config, self.spawn("unbound", self.hub, ["unbound", "-d", "-c", str(config)], "start of service")

    def start_replicas(self, ttl=180, negative_ttl=30):
        """Two daemons that read one state file, each in its namespace."""
        servers = "".join(
            f"  - {{name: {name}.{state.ZONE}., addresses: [{pair[0]}, '{pair[1]}']}}\n"
            for name, pair in REPLICAS.items()
        )
        for name, pair in REPLICAS.items():
            config = self.folder / f"{name}.yaml"
            config.write_text(
                f"federation: fed\nzone: {state.ZONE}.\nttl: {ttl}\nnegative_ttl: {negative_ttl}\n"
                f"nameservers:\n{servers}listen: ['{pair[0]}:53', '[{pair[1]}]:53']\nsource: {{file: state.json}}\n"
            )
            self.links[name] = self.star.server(*pair)
            self.replicas[name] = self.start(["-c", str(config)], prefix=self.links[name].enter)

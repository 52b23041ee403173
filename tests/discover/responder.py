"""Announces services by python-zeroconf until it is ended. The arguments: name, service, port, and key=value for TXT."""

import ipaddress
import sys
import time

from zeroconf import ServiceInfo, Zeroconf

ADDRESSES = ["192.168.77.1", "fe80::77"]

name, service, port, *txt = sys.argv[1:]
kind = f"_{service}._tcp.local."
announced = ServiceInfo(
    kind,
    f"{name}.{kind}",
    addresses=[ipaddress.ip_address(address).packed for address in ADDRESSES],
    port=int(port),
    properties=dict(entry.split("=", 1) if "=" in entry else (entry, None) for entry in txt),
    server=f"{name.replace(' ', '-')}.local.",
)
zeroconf = Zeroconf(interfaces=ADDRESSES)
zeroconf.register_service(announced)
print("announced", flush=True)
while True:
    time.sleep(60)

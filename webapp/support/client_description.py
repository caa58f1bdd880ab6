"""What a request's headers say of the device, as coarse as its owner needs to know it again."""

import ipaddress

# The first that fits: each browser also claims to be the ones after it.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


SEPARATOR = " / "  # between the two names


def browser_and_system(user_agent: str) -> str:
    """`Firefox / Linux`: names of family and system without versions; empty where neither is known."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser}{SEPARATOR}{system}" if system else browser


def counted_network(address: str | None) -> str:
    """What attempts from an IP address are counted under: itself, and for IPv6 the /64, all of which one household has.

    An IPv4 address in IPv6 dress is the IPv4 address; what is no address counts as it is.
    """
    try:
        ip = _plain_ip(address)
    except ValueError:
        return address or ""
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((int(ip), 64), strict=False))


def coarse_network(address: str | None) -> str:
    """The part of an IP address that names a provider rather than a household: /16 of IPv4, /32 of IPv6."""
    try:
        ip = _plain_ip(address)
    except ValueError:
        return ""
    network = ipaddress.ip_network(f"{ip}/{16 if ip.version == 4 else 32}", strict=False)
    return f"{'.'.join(str(network.network_address).split('.')[:2])}.x.x" if ip.version == 4 else f"{network.network_address}/32"


def _plain_ip(address: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address without port and zone, and as IPv4 where it is that in IPv6 dress (mapped, or by NAT64). Raises ValueError."""
    ip = ipaddress.ip_address(_without_port(address or "").partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    return ip.ipv4_mapped or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip)


def _without_port(address: str) -> str:
    """Some proxies pass on `203.0.113.77:51234` and `[2001:db8::1]:51234`: counted so, each connection would be another network."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address

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


SEPARATOR = " / "  # between the two names


def browser_family(user_agent: str) -> str:
    """`Firefox / Linux`: names of family and system without versions; empty where neither is known."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser}{SEPARATOR}{system}" if system else browser


def coarse_network(address: str | None) -> str:
    """The part of an IP address that names a provider rather than a household: /16 of IPv4, /32 of IPv6."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    ip = getattr(ip, "ipv4_mapped", None) or ip
    network = ipaddress.ip_network(f"{ip}/{16 if ip.version == 4 else 32}", strict=False)
    return f"{'.'.join(str(network.network_address).split('.')[:2])}.x.x" if ip.version == 4 else f"{network.network_address}/32"

"""The figures of one run as text."""

from typing import Any


def table(figures: dict[str, Any]) -> str:
    """A row a page, then what concerns the whole server."""
    lines = [f"{figures['checkout']} on {figures['database']}, load {figures['load']:.1f}"]
    lines += ["page           CPU ms  × bare  answers/s  busiest  p50 ms  p95 ms  p99 ms  wire first  wire return"]
    lines += [_page(figures, name) for name in figures["cpu_ms"]]
    spread, memory, stored = figures["spread"], figures["memory"], figures["written"]
    lines += [f"share of the busiest process, four kept connections, {len(spread)} trials: " + " ".join(f"{share:.2f}" for share in spread)]
    lines += [f"a home view stores {stored['stored']:,.0f} bytes; {stored['disk']:,.0f} bytes reach the disk"]
    lines += [f"memory {memory['once_mb']:.0f} MB with shared pages counted once, {memory['rss_mb']:.0f} MB RSS added up"]
    parts = f"of no file {memory['own_mb']:.0f}, libraries {memory['libraries_mb']:.0f}, mapped arrays of models {memory['arrays_mb']:.0f}"
    lines += [f"  {parts}; of no file by process: {' '.join(map(str, memory['each_mb']))}"]
    return "\n".join(lines)


def _page(figures: dict[str, Any], name: str) -> str:
    closed, waits, wire = (figures[part].get(name) for part in ("closed", "open", "wire"))
    row = f"{name:13}{figures['cpu_ms'][name]:8.2f}{figures['ratio_to_bare'][name]:8.1f}"
    row += f"{closed['per_second']:11.1f}{closed['busiest']:9.2f}" if closed else ""
    row += "".join(f"{waits[key]:8.0f}" for key in ("p50_ms", "p95_ms", "p99_ms")) if waits else " " * 24
    return row + (f"{wire['first_visit']:12,}{wire['return']:13,}" if wire else "")

"""Settings, read from WAYMARK_* variables once, validated together, with a message that says what to mend."""

import difflib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")
MIN_SECRET = 32
_MIN_DIFFERENT = 8
_LARGEST_BODY = 2 * 1024 * 1024  # bytes
ENVIRONMENTS = ("development", "production", "test")
_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")  # those that are installed
# As browsers name a site, with a point before it where its subdomains are meant too.
_HOST = re.compile(r"\.?[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)*(?::\d{1,5})?")


class ConfigError(Exception):
    """The settings cannot be used; the message names every variable at fault."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation can choose."""

    environment: str = "production"
    instance_dir: Path = ROOT / "instance"
    database_url: str = ""
    secret_key: str = field(default="", repr=False)
    password_salt: str = field(default="", repr=False)
    secure_cookies: bool = False
    trusted_proxies: int = 0
    trusted_hosts: tuple[str, ...] = ()
    log_level: str = "INFO"
    log_json: bool = False
    rate_limit_storage: str = "memory://"
    mail_server: str = ""
    mail_port: int = 25
    mail_username: str = ""
    mail_password: str = field(default="", repr=False)
    mail_use_tls: bool = False
    mail_sender: str = "Waymark <no-reply@localhost>"
    scheduler: bool = True
    retrain_hours: int = 6
    sample_password: str = field(default="", repr=False)
    sample_learners: int = 1500
    rate_limits: bool = True
    session_idle_minutes: int = 12 * 60
    session_days: int = 7
    remember_days: int = 30
    pseudo_locale: bool = False

    @property
    def models_dir(self) -> Path:
        """Where trained models lie."""
        return self.instance_dir / "models"

    def database_files(self) -> tuple[Path, ...]:
        """Database, write-ahead log and its index, where the database is a file."""
        path = self.database_url.removeprefix("sqlite:///")
        named = self.database_url.startswith("sqlite:///") and path not in ("", ":memory:")
        return tuple(Path(path + end) for end in ("", "-wal", "-shm")) if named else ()

    def flask_config(self) -> dict[str, Any]:
        """The same settings under the names Flask and its extensions use."""
        return {
            "SECRET_KEY": self.secret_key,
            # Links in mail are made from the name the site was asked by; without a list any name is believed.
            "TRUSTED_HOSTS": list(self.trusted_hosts) or None,
            "SECURITY_PASSWORD_SALT": self.password_salt,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            # What statements are given (addresses, hashes) stays out of error messages, and so out of logs.
            # A server that was started anew has closed the connections that wait here: each is asked before it is used.
            "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_pre_ping": not self.database_url.startswith("sqlite")},
            "SESSION_COOKIE_SECURE": self.secure_cookies,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "REMEMBER_COOKIE_SECURE": self.secure_cookies,
            "REMEMBER_COOKIE_HTTPONLY": True,
            "REMEMBER_COOKIE_DURATION": timedelta(days=self.remember_days),
            "REMEMBER_COOKIE_SAMESITE": "Lax",
            "RATELIMIT_STORAGE_URI": self.rate_limit_storage,
            "RATELIMIT_ENABLED": self.rate_limits and self.environment != "test",
            "MAX_CONTENT_LENGTH": _LARGEST_BODY,
            "MAX_FORM_MEMORY_SIZE": _LARGEST_BODY,  # of one field; Flask's own is a quarter, and the page for 413 names this one
            "MAIL_BACKEND": ("smtp" if self.mail_server else "file") if self.environment != "test" else "locmem",
            "MAIL_FILE_PATH": str(self.instance_dir / "mail"),
            "MAIL_SERVER": self.mail_server or "localhost",
            "MAIL_PORT": self.mail_port,
            "MAIL_USERNAME": self.mail_username or None,
            "MAIL_PASSWORD": self.mail_password or None,
            "MAIL_USE_TLS": self.mail_use_tls,
            "MAIL_DEFAULT_SENDER": self.mail_sender,
            "TESTING": self.environment == "test",
            "WTF_CSRF_TIME_LIMIT": None,
        }


class _Reader:
    """Reads variables and collects every complaint instead of stopping at the first."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.problems: list[str] = []
        self.known: set[str] = set()

    def text(self, name: str, default: str) -> str:
        self.known.add(f"WAYMARK_{name}")
        return self.env.get(f"WAYMARK_{name}", "").strip() or default

    def _parsed(self, name: str, default: T, parse: Callable[[str], T], wanted: str) -> T:
        raw = self.text(name, "")
        if not raw:
            return default
        try:
            return parse(raw)
        except (ValueError, KeyError):
            self.problems.append(f"WAYMARK_{name}={raw!r}: {wanted} is expected")
            return default

    def number(self, name: str, default: int, low: int = 0, high: int = 10**6) -> int:
        def parse(raw: str) -> int:
            if not low <= int(raw) <= high:
                raise ValueError
            return int(raw)

        return self._parsed(name, default, parse, f"a whole number from {low} to {high}")

    def switch(self, name: str, default: bool) -> bool:
        words = {"1": True, "true": True, "on": True, "yes": True, "0": False, "false": False, "off": False, "no": False}
        return self._parsed(name, default, lambda raw: words[raw.lower()], "on or off")

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        def parse(raw: str) -> str:
            if raw not in allowed:
                raise ValueError
            return raw

        return self._parsed(name, default, parse, "one of " + ", ".join(allowed))

    def report_misspellings(self) -> None:
        """Complain of variables that are almost one of ours; others may belong to whatever runs beside."""
        for name in sorted(name for name in self.env if name.startswith("WAYMARK_") and name not in self.known):
            if meant := difflib.get_close_matches(name, self.known, n=1, cutoff=0.93):
                self.problems.append(f"{name}: there is no such setting; {meant[0]} may be meant")


def _database_url(reader: _Reader, instance_dir: Path) -> str:
    url = _with_plain_scheme(reader.text("DATABASE_URL", f"sqlite:///{instance_dir / 'waymark.db'}"))
    if _scheme(url) == "postgres":
        url = "postgresql" + url.removeprefix("postgres")
    scheme = _scheme(url).partition("+")[0]
    if _scheme(url) not in _DRIVERS:
        reader.problems.append("WAYMARK_DATABASE_URL: a URL that begins with sqlite:/// or postgresql:// is expected")
    if scheme == "sqlite":
        path = url.partition(":///")[2].partition("?")[0]
        if path in ("", ":memory:"):
            reader.problems.append("WAYMARK_DATABASE_URL: a file is expected; a database in memory is gone with its process")
        elif not path.startswith("/"):
            url = f"sqlite:///{instance_dir / path}"
    elif scheme == "postgresql":
        _check_database_port(reader, url)
    return url


def _check_database_port(reader: _Reader, url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError:
        reader.problems.append("WAYMARK_DATABASE_URL: the port is no number from 0 to 65535")


def _scheme(url: str) -> str:
    """What an address begins with; empty where it cannot be taken apart, as `redis://[::1`."""
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def _with_plain_scheme(url: str) -> str:
    """The same address with what it begins with in small letters, as everybody who reads it later expects."""
    scheme, colon, rest = url.partition(":")
    return scheme.lower() + colon + rest


def _trusted_hosts(reader: _Reader) -> tuple[str, ...]:
    """Names of hosts are compared letter by letter with what browsers send, which is in small letters."""
    hosts = tuple(reader.text("TRUSTED_HOSTS", "").lower().replace(",", " ").split())
    if wrong := [host for host in hosts if not _HOST.fullmatch(host)]:
        reader.problems.append(f"WAYMARK_TRUSTED_HOSTS: names such as courses.example.org are expected, {wrong[0]!r} is none")
    return hosts


def _mail_sender(reader: _Reader) -> str:
    sender = reader.text("MAIL_SENDER", "Waymark <no-reply@localhost>")
    user, _, domain = parseaddr(sender)[1].rpartition("@")
    if not (user and domain and sender.isprintable()):
        reader.problems.append("WAYMARK_MAIL_SENDER: an address such as Waymark <no-reply@example.org> is expected")
    return sender


def _limit_storage(reader: _Reader, instance_dir: Path) -> str:
    url = _with_plain_scheme(reader.text("RATE_LIMIT_STORAGE", f"file://{instance_dir / 'limits.db'}"))
    scheme = _scheme(url)
    if scheme not in ("file", "memory", "redis", "rediss"):
        reader.problems.append("WAYMARK_RATE_LIMIT_STORAGE: file:///path, memory:// or redis://host is expected")
    elif scheme.startswith("redis") and find_spec("redis") is None:
        reader.problems.append("WAYMARK_RATE_LIMIT_STORAGE: redis:// needs a package more, pip install redis")
    return url


def _load_or_create_secret(reader: _Reader, instance_dir: Path, name: str, writable: bool) -> str:
    """A secret of the environment, else one made once and kept in the instance folder, readable by its owner alone."""
    given = reader.text(name.upper(), "")
    if given or not writable:
        return given
    path = instance_dir / name
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        if not path.is_file():
            raise OSError(0, "it is no file")
        kept = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reader.problems.append(f"{path}: a file with a secret is expected ({getattr(error, 'strerror', None) or 'it is no text'})")
        return ""
    if _is_weak(kept):
        reader.problems.append(f"{path}: at least {MIN_SECRET} characters are expected; without the file a new secret is made")
    return kept


def _is_weak(secret: str) -> bool:
    """Whether it is too short, or no secret: after a crash a file may be full of zeros."""
    return len(secret) < MIN_SECRET or not secret.isprintable() or len(set(secret)) < _MIN_DIFFERENT


def _check_instance_dir(reader: _Reader, instance_dir: Path) -> bool:
    """Make the folder and try to write there; whether that works."""
    try:
        instance_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=instance_dir, prefix=".writable-"):
            return True
    except OSError as error:
        reader.problems.append(f"WAYMARK_INSTANCE_DIR={str(instance_dir)!r}: a folder to write to is expected ({error.strerror})")
        return False


def _write_once(path: Path, text: str) -> None:
    """Workers start together: the first one wins, and nobody reads a file that is half written."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises ConfigError with one line for each variable that cannot be used.
    """
    reader = _Reader(os.environ if env is None else env)
    environment = reader.choice("ENV", "production", ENVIRONMENTS)
    instance_dir = Path(reader.text("INSTANCE_DIR", str(ROOT / "instance"))).resolve()
    if (given := reader.text("SECRET_KEY", "")) and _is_weak(given):
        reader.problems.append(
            f"WAYMARK_SECRET_KEY: at least {MIN_SECRET} characters are expected, {_MIN_DIFFERENT} different ones among them"
        )
    writable = _check_instance_dir(reader, instance_dir)
    settings = Settings(
        environment=environment,
        instance_dir=instance_dir,
        database_url=_database_url(reader, instance_dir),
        secret_key=_load_or_create_secret(reader, instance_dir, "secret_key", writable),
        password_salt=_load_or_create_secret(reader, instance_dir, "password_salt", writable),
        secure_cookies=reader.switch("SECURE_COOKIES", False),
        trusted_proxies=reader.number("TRUSTED_PROXIES", 0, 0, 5),
        trusted_hosts=_trusted_hosts(reader),
        log_level=reader.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        log_json=reader.switch("LOG_JSON", False),
        rate_limit_storage=_limit_storage(reader, instance_dir),
        mail_server=reader.text("MAIL_SERVER", ""),
        mail_port=reader.number("MAIL_PORT", 25, 1, 65535),
        mail_username=reader.text("MAIL_USERNAME", ""),
        mail_password=reader.text("MAIL_PASSWORD", ""),
        mail_use_tls=reader.switch("MAIL_USE_TLS", False),
        mail_sender=_mail_sender(reader),
        scheduler=reader.switch("SCHEDULER", True),
        retrain_hours=reader.number("RETRAIN_HOURS", 6, 1, 24 * 30),
        sample_password=reader.text("SAMPLE_PASSWORD", ""),
        sample_learners=reader.number("SAMPLE_LEARNERS", 1500, 0, 100_000),
        rate_limits=reader.switch("RATE_LIMITS", True),
        session_idle_minutes=reader.number("SESSION_IDLE_MINUTES", 12 * 60, 5, 60 * 24 * 30),
        session_days=reader.number("SESSION_DAYS", 7, 1, 365),
        remember_days=reader.number("REMEMBER_DAYS", 30, 1, 365),
        pseudo_locale=reader.switch("PSEUDO_LOCALE", False),
    )
    if settings.mail_server and not settings.trusted_hosts:
        reader.problems.append("WAYMARK_TRUSTED_HOSTS: the names of this site are expected where mail is sent; links are made of them")
    reader.report_misspellings()
    if reader.problems:
        raise ConfigError("Waymark cannot start with these settings:\n  " + "\n  ".join(dict.fromkeys(reader.problems)))
    return settings

"""What the environment says, read once into one frozen `Settings` and checked at start."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env

from models.rules import mail_server
from models.rules.mail_server import MailServer


class BadSettings(Exception):
    """The environment cannot be used; the text says which variable and what to do."""


@dataclass(frozen=True)
class Settings:
    database_url: str
    redis_url: str  # database 0 carries the push bus; Celery uses database 1 of the same server
    secret_key: str
    public_url: str  # where browsers reach the console; decides cookie names and allowed origins
    host: str
    port: int
    ops_host: str
    ops_port: int  # health and metrics: never on the public port
    async_mode: str
    log_level: str
    db_pool: int  # connections per process; Postgres needs processes x this
    statement_ms: int  # the longest that one statement may take while a person waits for it
    max_sockets: int  # per front process; one more is refused cleanly instead of hanging in the backlog
    max_in_flight: int  # socket commands at work at once, per front; beyond it the answer is `busy`
    rate_factor: float  # multiplies the per-socket rates; a load test raises it, a desk under attack lowers it
    trusted_proxies: int  # how many proxies in front of us may be believed about X-Forwarded-For
    media_url: str  # where files lie: file:///folder or s3://bucket/prefix?endpoint=…&region=…
    scanner: str  # clamd://host:3310 or clamd+unix:///path; empty: nobody looks for viruses
    mail_url: str = field(repr=False)  # where letters are handed over; empty: this desk sends none
    mail_from: str
    private_hosts: frozenset[str]  # that webhooks may go to though they are on this network, by HTTP, on any port
    telegram_api: str  # another one for a Bot API server of one's own
    whatsapp_api: str

    @property
    def broker_url(self) -> str:
        return self.redis_url.rsplit("/", 1)[0] + "/1"

    @property
    def mail_server(self) -> MailServer | None:
        return mail_server.parse(self.mail_url)

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def origin(self) -> str:
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"


MODES = ("eventlet", "gevent", "threading")


@cache
def settings() -> Settings:
    """The settings of this process. Raises `BadSettings` with a sentence a person can act on."""
    return read()


def read() -> Settings:
    env = Env()
    found = Settings(
        database_url=env.str("DATABASE_URL", ""),
        redis_url=env.str("REDIS_URL", ""),
        secret_key=env.str("PARLEY_SECRET_KEY", ""),
        public_url=env.str("PARLEY_PUBLIC_URL", "").rstrip("/") or f"http://127.0.0.1:{env.int('PARLEY_PORT', 8000)}",
        host=env.str("PARLEY_HOST", "127.0.0.1"),
        port=env.int("PARLEY_PORT", 8000),
        ops_host=env.str("PARLEY_OPS_HOST", "127.0.0.1"),
        ops_port=env.int("PARLEY_OPS_PORT", 8001),
        async_mode=env.str("ASYNC_MODE", "eventlet"),
        log_level=env.str("PARLEY_LOG", "info"),
        db_pool=env.int("PARLEY_DB_POOL", 20),
        statement_ms=env.int("PARLEY_STATEMENT_MS", 5_000),
        max_sockets=env.int("PARLEY_MAX_SOCKETS", 8000),
        max_in_flight=env.int("PARLEY_MAX_IN_FLIGHT", 64),
        rate_factor=env.float("PARLEY_RATE_FACTOR", 1.0),
        trusted_proxies=env.int("PARLEY_TRUSTED_PROXIES", 0),
        media_url=env.str("PARLEY_MEDIA_URL", "") or _media_folder(env.str("PARLEY_RUN_DIR", "") or ".run"),
        scanner=env.str("PARLEY_SCANNER", ""),
        mail_url=env.str("PARLEY_MAIL_URL", ""),
        mail_from=env.str("PARLEY_MAIL_FROM", ""),
        private_hosts=frozenset(each.lower() for each in env.str("PARLEY_PRIVATE_HOSTS", "").replace(",", " ").split()),
        telegram_api=env.str("PARLEY_TELEGRAM_API", "https://api.telegram.org").rstrip("/"),
        whatsapp_api=env.str("PARLEY_WHATSAPP_API", "https://graph.facebook.com/v23.0").rstrip("/"),
    )
    for name, value in (("DATABASE_URL", found.database_url), ("REDIS_URL", found.redis_url)):
        if not value:
            raise BadSettings(f"{name} is not set. `parley up` starts and names a server of its own.")
    if len(found.secret_key) < 32:
        raise BadSettings("PARLEY_SECRET_KEY must be a random text of at least 32 characters.")
    if found.async_mode not in MODES:
        raise BadSettings(f"ASYNC_MODE is {found.async_mode!r}; it must be one of {', '.join(MODES)}.")
    if not urlsplit(found.redis_url).path.strip("/").isdigit():
        raise BadSettings("REDIS_URL must end in a database number, such as redis://127.0.0.1:6379/0.")
    _check_mail(found)
    _check_files(found)
    return found


def _media_folder(run_dir: str) -> str:
    """Beside everything else this checkout keeps."""
    return Path(run_dir).resolve().joinpath("media").as_uri()


def _check_files(found: Settings) -> None:
    media, scanner = urlsplit(found.media_url), urlsplit(found.scanner)
    folder = media.scheme == "file" and not media.netloc and media.path.strip("/")
    if not folder and not (media.scheme == "s3" and media.netloc):
        raise BadSettings("PARLEY_MEDIA_URL must be file:///a/folder or s3://bucket/prefix?endpoint=…&region=….")
    network = scanner.scheme == "clamd" and scanner.hostname
    if found.scanner and not network and not (scanner.scheme == "clamd+unix" and scanner.path):
        raise BadSettings("PARLEY_SCANNER must be clamd://host:3310 or clamd+unix:///path/to/clamd.sock.")


def _check_mail(found: Settings) -> None:
    try:
        server = mail_server.parse(found.mail_url)
    except ValueError as fault:
        raise BadSettings(f"PARLEY_MAIL_URL cannot be used. {fault}") from None
    if server is None:
        return
    if not found.mail_from:
        raise BadSettings("PARLEY_MAIL_FROM is not set: letters need a sender, such as Fernhill <desk@example.com>.")
    try:
        mail_server.sender(found.mail_from)
    except ValueError as fault:
        raise BadSettings(f"PARLEY_MAIL_FROM cannot be used. {fault}") from None

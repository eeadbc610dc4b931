"""`checkpost central`: lays the centre's store and serves it."""

import ipaddress
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import structlog
import typer

from gateway.central import backup as backups
from gateway.central.access import ADMIN, OFFICE, Access
from gateway.central.crew import MAX_PROCESSES, Crew, CrewError, counting_together
from gateway.central.officetime import OFFICE_ZONE, is_zone
from gateway.central.signing import KEY_NAME, SigningError, lay_key, open_key
from gateway.central.store import STORE_NAME, Store, StoreError
from gateway.clock import ClockError, open_clock
from gateway.contract import sealing
from gateway.contract.secrets import write_secret
from gateway.errors import OperatorError

TOKENS_NAME = "tokens.json"
PORT = 8700

app = typer.Typer(no_args_is_help=True, help="The central office: keeps the log of all crossings and serves it.")
Data = Annotated[Path, typer.Option(help="Folder of the centre's store.", envvar="CHECKPOST_CENTRAL_DATA")]
Database = Annotated[
    str, typer.Option(help="URL of a PostgreSQL database that holds the store.", envvar="CHECKPOST_CENTRAL_DATABASE")
]
Witness = Annotated[
    Path | None, typer.Option(help="File outside the data folder that remembers the log's newest checkpoint.")
]


@app.command()
def init(data: Data, database: Database = "") -> None:
    """Lay an empty store and make the first two tokens; an existing store keeps its crossings and its tokens."""
    tokens = data / TOKENS_NAME
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        store = Store.create(database or data / STORE_NAME)
        if database and not (data / KEY_NAME).exists() and store.used():
            raise OperatorError(
                f"The store holds a log already, whose key is not in {data}: name the data folder that belongs to it."
            )
        lay_key(data)
        typer.echo(f"The key of its log, for the office to keep: {open_key(data, store.log_id).verifier}")
        shown = sealing.fingerprint(sealing.public_half(sealing.open_key(data)))
        typer.echo(f"The fingerprint of the key to which boards are enrolled without a line: {shown}")
        if tokens.exists():
            typer.echo(f"The store at {data} is there already; its tokens are in {tokens}.")
            return
        access = Access(store, _never)
        given = {role: access.issue(role, role) for role in (ADMIN, OFFICE)}
        write_secret(tokens, json.dumps(given, indent=1).encode() + b"\n")
        store.close()
    except (StoreError, SigningError) as error:
        raise OperatorError(str(error)) from error
    except OSError as error:
        raise OperatorError(f"The store cannot be laid at {data} ({error.strerror}); choose another --data.") from error
    typer.echo(f"The store is at {data}; its tokens are in {tokens}, readable by you only.")


@app.command()
def run(
    data: Data,
    database: Database = "",
    host: Annotated[
        str, typer.Option(help="Address to listen on; beyond loopback only with a certificate.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = PORT,
    clock: Annotated[
        Path | None, typer.Option(help="File that drives the time (demo, tests).", envvar="CHECKPOST_CLOCK")
    ] = None,
    witness: Witness = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate with its chain, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key, PEM.")] = None,
    development: Annotated[
        bool, typer.Option("--development", help="The page asks for no sign-in; on loopback only.")
    ] = False,
    time_zone: Annotated[
        str,
        typer.Option(
            help="Of the office, by its IANA name: its days are those of terms and ages.",
            envvar="CHECKPOST_CENTRAL_TIME_ZONE",
        ),
    ] = OFFICE_ZONE,
    processes: Annotated[
        int,
        typer.Option(
            help="How many serve at once; more than one needs --database.",
            envvar="CHECKPOST_CENTRAL_PROCESSES",
            min=1,
            max=MAX_PROCESSES,
        ),
    ] = 1,
    follow_stdin: Annotated[bool, typer.Option("--follow-stdin", help="Stop when standard input closes.")] = False,
) -> None:
    """Serve the interface and the page; prints one JSON line when it is ready."""
    from gateway.central.server import ServeError, Tls, listen, say_ready, serve, url_of
    from gateway.central.witness import WitnessError

    _configure_log()
    if bool(tls_cert) != bool(tls_key):
        raise OperatorError("A certificate and its key belong together; give --tls-cert and --tls-key.")
    tls = Tls(tls_cert, tls_key) if tls_cert and tls_key else None
    _check_reach(host, tls is not None, development)
    if not is_zone(time_zone):
        raise OperatorError(f"--time-zone: {time_zone} is no time zone that this machine knows, such as {OFFICE_ZONE}.")
    if processes > 1 and not database:
        raise OperatorError("Several processes share a PostgreSQL database, not a file: give --database, too.")
    counted = ExitStack()
    try:
        if tls:
            tls.check()
        utc = open_clock(clock)
        if processes > 1:
            counted.enter_context(counting_together())
        from gateway.central.app import build  # the web framework takes a second to load: only where it serves

        bound = listen(host, port)
        until: BinaryIO | None = sys.stdin.buffer if follow_stdin else None
        ready: Callable[[str], None] = say_ready
        if processes > 1:
            crew = Crew(processes, url_of(bound, tls))
            worker = crew.hire()
            if worker is None:
                crew.wait(follow_stdin)
                return
            until, ready = worker.until, worker.ready
        serve(build(data, utc.utc_ms, development, witness, database, time_zone), bound, until, tls, ready)
    except (StoreError, SigningError, WitnessError, ServeError, ClockError, CrewError) as error:
        raise OperatorError(str(error)) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    finally:
        counted.close()


@app.command()
def backup(
    data: Data,
    to: Annotated[Path, typer.Option(help="New folder for the backup.")],
    keep: Annotated[
        int | None, typer.Option(help="Days after which earlier backups beside it are removed.", min=1, max=3660)
    ] = None,
    database: Database = "",
) -> None:
    """Copy the centre's data while it runs, and check the copy."""
    now_s = int(time.time())
    with _one_sentence():
        made = backups.make(data, to, now_s, database)
        old = backups.drop_old(to.parent, keep, now_s) if keep else []
    typer.echo(f"{to} holds {made.leaves} leaves, {made.records} records, {made.crossings} crossings.")
    if old:
        typer.echo(f"Older than {keep} days, removed: {', '.join(path.name for path in old)}.")


@app.command()
def restore(
    data: Data,
    source: Annotated[Path, typer.Option("--from", help="A backup, or a folder of backups: the newest.")],
    database: Database = "",
    witness: Witness = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="The log went on after the backup: make it a new log.")
    ] = False,
) -> None:
    """Lay a backup as a new data folder, if it is whole and the log did not go on after it."""
    with _one_sentence():
        found = backups.restore(backups.newest(source), data, witness, accept_loss, database)
        typer.echo(f"{data} holds {found.leaves} leaves, {found.records} records, {found.crossings} crossings again.")
        with closing(Store(database or data / STORE_NAME)) as store:
            key = open_key(data, store.log_id).verifier
    if store.log_id != found.log:
        typer.echo(
            f"It is another log from here on: keep {witness} as evidence, and name a new file as --witness. The office "
            f"pulls into an empty folder, and second parties sign with a new --state. The key of the log: {key}"
        )


@app.command()
def drill(
    data: Data,
    source: Annotated[Path, typer.Option("--from", help="A backup, or a folder of backups: the newest.")],
    witness: Witness = None,
) -> None:
    """Try to restore a backup somewhere that is thrown away, and write down in the data folder how that went."""
    with _one_sentence():
        try:
            tried = backups.newest(source)
            found = backups.drill(tried, witness)
        except backups.BackupError as error:
            backups.note_drill(data, int(time.time()), str(error))
            raise
        backups.note_drill(data, int(time.time()), "")
    typer.echo(f"{tried} can be restored: {found.leaves} leaves, {found.records} records, {found.crossings} crossings.")


@contextmanager
def _one_sentence() -> Iterator[None]:
    try:
        yield
    except (StoreError, SigningError, backups.BackupError) as error:
        raise OperatorError(str(error)) from error
    except OSError as error:
        raise OperatorError(f"{error.filename or 'A file'} cannot be read or written ({error.strerror}).") from error


def _check_reach(host: str, tls: bool, development: bool) -> None:
    """Return if this address may be served so; OperatorError if strangers could listen, or come in."""
    if _is_loopback(host):
        return
    if development:
        raise OperatorError(f"--development lets everyone in, and {host} is not this machine only; leave one out.")
    if not tls:
        raise OperatorError(
            f"{host} is not this machine only: give --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy."
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name: it may lead anywhere
        return False


def _configure_log() -> None:
    """Send everything worth a line to standard error; requests are not logged one by one."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="level=%(levelname)s event=%(message)r")


def _never() -> float:
    """No token that ends is made here."""
    return 0.0

"""The gateway's settings: a TOML file, and the environment over it (CHECKPOST_GATEWAY_*, and CHECKPOST_CLOCK)."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.contract import Name
from gateway.contract.secrets import others_of, read_secret
from gateway.errors import OperatorError
from gateway.links import usb

MAX_PORTS = 32  # serial ports of one gateway: more is a hub that nobody can service
MAX_CLOCK_ERROR_MS = 4000  # a board takes no time that is vaguer than five seconds in all
ENV_PREFIX = "CHECKPOST_GATEWAY_"


class SettingsError(OperatorError):
    """The settings cannot be used; the message says which and why."""


class Settings(BaseSettings):
    """Where a gateway keeps its data, which boards it hears, and which centre it serves."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", populate_by_name=True)

    data: Path
    name: Name = "gateway"
    central_url: str | None = None  # None: a gateway that stands alone
    token: SecretStr | None = None
    token_file: Path | None = None  # in its stead: a file with nothing but the token
    serial: Annotated[list[Path], Field(max_length=MAX_PORTS)] = []
    radio: Annotated[list[Path], Field(max_length=MAX_PORTS)] = []  # USB ports of boards that are our radios
    baud: int = Field(default=921_600, ge=9600, le=4_000_000)
    clock_file: Path | None = Field(default=None, validation_alias=AliasChoices("clock_file", "CHECKPOST_CLOCK"))
    clock_error_ms: int | None = Field(default=None, ge=1, le=MAX_CLOCK_ERROR_MS)  # where no network time keeps it
    http_host: str = "127.0.0.1"
    http_port: int | None = Field(default=None, ge=0, le=65535)  # of the console

    @field_validator("serial", "radio")
    @classmethod
    def _are_ports(cls, value: list[Path]) -> list[Path]:
        for path in value:
            if str(path).startswith(usb.PREFIX):
                usb.check(str(path))
        return value

    @field_validator("central_url")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("an address begins with http:// or https://")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment counts more than the file."""
        return env_settings, init_settings

    def bearer(self, credentials: str | None = None) -> str | None:
        """Return the token for the centre, None without one; SettingsError when its file is not fit to be used.

        `credentials`: the folder in which systemd gives this service its own, where it does.
        """
        file = self.token_file
        if file is None:
            return self.token.get_secret_value() if self.token else None
        try:
            held = read_secret(file, others_of(file, credentials))
            if held is None:
                raise SettingsError(
                    f"The token file {file} can be read by others: chmod 600 {file}, or get another token "
                    "(checkpost gateway enrol)."
                )
            token = held.decode().strip()
        except OSError as error:
            raise SettingsError(f"The token file {file} cannot be read ({error.strerror}).") from error
        except UnicodeDecodeError:
            token = ""
        if not token.isascii() or len(token.split()) != 1:  # httpx would quote it as it complains
            raise SettingsError(f"The token file {file} holds no token: it is to hold the token and nothing else.")
        return token


def load(config: Path | None) -> Settings:
    """Return the settings of a TOML file and the environment; SettingsError names what is wrong."""
    values: dict[str, object] = {}
    if config is not None:
        try:
            with config.open("rb") as file:
                values = tomllib.load(file)
        except OSError as error:
            raise SettingsError(f"The configuration {config} cannot be read ({error.strerror}).") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"The configuration {config} is no TOML: {error}.") from error
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        where = config or "the environment"
        raise SettingsError(f"{key} in {where}: {first['msg']}.") from error

"""Settings of one installation, from the environment (`YEFANG_*`). What a county may change is a row."""

from pathlib import Path

from pydantic import AnyHttpUrl, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once at the edge (cli, main) and handed down."""

    model_config = SettingsConfigDict(env_prefix="YEFANG_", env_ignore_empty=True, frozen=True, extra="ignore")

    database_url: str | None = Field(
        None, description="postgresql+asyncpg://... of the database; unset: a private cluster under var/"
    )
    migration_url: str | None = Field(
        None,
        description="the same of a superuser or the tables' owner, for `yefang migrate` and `county remove`;"
        " unset: `database_url`",
    )
    var: Path = Field(Path("var"), description="folder of the private cluster and of what must survive a restart")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, description="port to listen on")
    public_url: AnyHttpUrl | None = Field(
        None,
        description="where people find this installation, such as https://yefang.example.cn: links lead there,"
        " whatever a request says; unset: the address that was reached",
    )
    secret_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="signs access tokens and makes refresh tokens, 32 characters or more;"
        " unset: made once and kept in var/secret_key",
    )
    secret_key_before: SecretStr | None = Field(
        None,
        min_length=32,
        description="the key before, while `secret_key` is changed: still believed, signs nothing new",
    )
    access_token_s: int = Field(1800, description="how long an access token is good, in seconds")
    refresh_token_d: int = Field(90, description="how long an unused device stays signed in, in days")
    session_d: int = Field(
        365, description="after how many days one signs in anew, however often the device is used"
    )
    pool_size: int = Field(10, description="database connections of one process")
    statement_timeout_s: int = Field(
        60, description="after how many seconds the database gives up a statement of a request"
    )
    files_timeout_s: int = Field(
        600, description="the same of a statement for a file: exports, imports, printed sheets"
    )
    worker_timeout_s: int = Field(3600, description="the same of a worker's statement")
    requests_per_minute: int = Field(
        1200,
        description="requests that one process takes of one person in a minute before 429, and twenty times as"
        " many of one address where nobody is signed in; 0: any number",
    )
    check_ins_per_day: int = Field(
        2000, description="check-ins that one process records of one person in a day before 429; 0: any number"
    )
    gather_limit: int = Field(5000, description="check-ins that may wait for the database before 503 is answered")
    photo_store: str | None = Field(
        None, description="where photos lie: a folder, or s3://bucket/prefix with AWS_*; unset: var/photos"
    )
    photo_bytes: int = Field(
        10 * 1024 * 1024, lt=64 * 1024 * 1024, description="the largest photo taken, in bytes, below 64 MiB"
    )
    photos_at_once: int = Field(2, description="photos that one process decodes and stores at the same time")
    fcm_credentials: Path | None = Field(
        None,
        description="service account file of the Firebase project by which phones are pushed; unset: none are",
    )
    fcm_url: str | None = Field(
        None, description="base URL of a relay to Firebase, where Google is out of reach; unset: Google's own"
    )
    vapid_key: Path | None = Field(
        None, description="private key that signs Web Push; unset: made once and kept in var/vapid.pem"
    )
    vapid_subject: str = Field(
        "mailto:yefang@localhost", description="whom push services write to about our pushes: mailto: or https:"
    )
    docs: bool = Field(True, description="whether /docs and /openapi.json are served")
    metrics: bool = Field(True, description="whether /metrics is served, for Prometheus, without signing in")
    gateway_networks: str = Field(
        "",
        description="networks beside the public one in which counties' gateways may be, such as 10.20.0.0/16;"
        " comma-separated",
    )
    log_level: str = Field("info", description="debug, info, warning or error")

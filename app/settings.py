"""Every setting: an environment variable PROMOTION_*, its default, and why it is that."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one process. Unknown PROMOTION_* variables are left alone: orchestrators inject such names
    (a Kubernetes service called `promotion` gives every pod a PROMOTION_PORT).
    """

    model_config = SettingsConfigDict(env_prefix="PROMOTION_", frozen=True)

    data_dir: Path = Field(
        Path("data"),
        description="The directory that holds `promotion.db`. Relative to where the service is started, so that a "
        "first try leaves everything in one folder; the container sets `/data`, its volume.",
    )
    max_body_bytes: int = Field(
        64 * 1024 * 1024,
        ge=1,
        description="The largest body accepted, in bytes. The default, 64 MiB, is about two million CSV rows: more "
        "than any one employer's history, and little enough to be held in memory.",
    )

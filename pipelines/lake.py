"""dlt's DuckDB destination on the lake that this process holds attached.

dlt's own destination for lakes opens, and loads two extensions into, a DuckDB of its own for each
table of a load. Here all of them are sessions of one, and name the lake's catalog.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlt.common.destination import DestinationCapabilitiesContext
from dlt.destinations import duckdb as duckdb_destination
from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration
from dlt.destinations.impl.duckdb.duck import DuckDbClient
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient

from contract import catalog, lake

if TYPE_CHECKING:
    from dlt.common.schema import Schema


class LakeSqlClient(DuckDbSqlClient):  # type: ignore[misc]  # dlt's types are not read
    """A session whose unqualified names mean the lake."""

    def catalog_name(self, quote: bool = True, casefold: bool = True) -> str | None:  # noqa: ARG002
        return self.capabilities.escape_identifier(lake.NAME) if quote else lake.NAME


class LakeClient(DuckDbClient):  # type: ignore[misc]
    def __init__(
        self,
        schema: Schema,
        config: DuckDbClientConfiguration,
        capabilities: DestinationCapabilitiesContext,
    ) -> None:
        super().__init__(schema, config, capabilities)
        names = self.create_dataset_names(schema, config)
        self.sql_client = LakeSqlClient(*names, config.credentials, capabilities)

    def complete_load(self, load_id: str) -> None:
        """Only a run that is alone says that a load is complete: another sweeps its rows."""
        catalog.check()
        super().complete_load(load_id)


class Lake(duckdb_destination):  # type: ignore[misc]
    """The destination: its credentials are a connection of contract.lake.connect."""

    @property
    def client_class(self) -> type[LakeClient]:
        return LakeClient

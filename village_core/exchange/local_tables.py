"""Tables of the exchange that stay on one member: frozen batches, digests."""

from __future__ import annotations

from village_core.exchange.change_log import local_metadata

__all__ = ["local_metadata"]

"""The made-up people of the demo, under the name that benchmarks use."""

from desktop_app.demo.people import (
    HEADERS,
    Row,
    Village,
    bank_account,
    id_number,
    make_village,
    phone_number,
    write_sheet,
)

__all__ = ["HEADERS", "Row", "Village", "bank_account", "id_number", "make_village", "phone_number", "write_sheet"]

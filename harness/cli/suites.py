"""Which suite a command is about."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.api.task import Suite
    from harness.catalog import Catalog
    from harness.store.run import Run


def suite_asked(name: str | None, runs: "Iterable[Run]", catalog: "Catalog") -> "Suite":
    """Return the suite of that name; without one, the suite that the runs were asked for.

    Raises:
        UsageError: there is none of that name, or the runs are of several or of none.
    """
    found = {name} if name else {suite for run in runs if (suite := run.info().suite)}
    if len(found) == 1:
        return catalog.suite(found.pop())
    said = f"the runs are of {' and '.join(sorted(found))}" if found else "no run says it"
    raise UsageError(
        f"which suite? {said}: give --suite ({', '.join(sorted(catalog.suites))}), or --task for one task."
    )

"""Names of models as a person reads them."""

from collections.abc import Sequence


def without_shared_prefix(labels: Sequence[str]) -> dict[str, str]:
    """Return names for labels: without the folder or organisation before the last ``/``, if all that have one share it.

    >>> without_shared_prefix(["majority", "org/big", "org/small"])
    {'majority': 'majority', 'org/big': 'big', 'org/small': 'small'}
    """
    prefixes = {label.rpartition("/")[0] for label in labels} - {""}
    names = {label: label.rpartition("/")[2] for label in labels}
    is_clear = len(prefixes) == 1 and len(set(names.values())) == len(labels) and all(names.values())
    return names if is_clear else {label: label for label in labels}

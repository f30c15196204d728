"""Plain text from a data set on the hub, at one commit: ``NAME[:CONFIG][@REVISION]``, its split ``train``."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.data.documents import HEADING, divide
from harness.errors import DataError, UsageError
from harness.system.accounts import account_of

PINNED = {"Salesforce/wikitext": "b08601e04326c79dfdd32d625aee71d232d685c3"}
"""Commits that are taken where none is asked for; of another data set it is the latest, which is then written down."""
ROWS_SEEN = 200
"""From which it is told whether rows are lines of WikiText, or a document each."""
HUB_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class HubText:
    """A data set on the hub whose rows have a ``text``."""

    name: str
    config: str | None
    revision: str

    @classmethod
    def opened(cls, choice: str) -> "HubText":
        """Return the data set that ``NAME[:CONFIG][@REVISION]`` names, at the commit that the revision stands for.

        Raises:
            UsageError: there is no such name, or the hub does not tell.
        """
        name, _, revision = choice.partition("@")
        name, _, config = name.partition(":")
        if not name:
            raise UsageError("--corpus hub:NAME: expected a data set's name, such as hub:Salesforce/wikitext.")
        revision = revision or PINNED.get(name, "")
        return cls(name=name, config=config or None, revision=revision or _commit(name))

    def identity(self) -> tuple[str, str, str]:
        """Return what stands for its content."""
        return self.name, self.config or "", self.revision

    def documents(self) -> Iterator[str]:
        """Yield each document; rows are mapped from disk, not held in memory.

        Raises:
            DataError: the hub does not give them, or they have no ``text``.
        """
        import datasets

        datasets.disable_progress_bars()
        try:
            rows = datasets.load_dataset(self.name, self.config, split="train", revision=self.revision)
        except Exception as error:
            raise DataError(
                f"the hub did not give {self.name} ({self.config or 'its only config'}, train) at {self.revision[:8]}: "
                f"{account_of(error)}. Expected network access or a filled cache; --corpus DIR needs neither."
            ) from error
        if "text" not in rows.column_names:
            raise DataError(f"{self.name} has no column 'text'; it has {', '.join(rows.column_names)}.")
        texts = (row["text"] or "" for row in rows)
        if any(HEADING.fullmatch(text) for text in rows[:ROWS_SEEN]["text"]):
            yield from divide(text or "\n" for text in texts)
        else:
            yield from (text for text in texts if text.strip())


def _commit(name: str) -> str:
    from huggingface_hub import HfApi

    try:
        return str(HfApi().dataset_info(name, timeout=HUB_TIMEOUT_SECONDS).sha)
    except Exception as error:
        raise UsageError(
            f"--corpus hub:{name}: the hub did not tell its commit ({account_of(error)}); expected a data set's name "
            "and network access, or NAME@COMMIT that is in the cache."
        ) from error

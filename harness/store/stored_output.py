"""A kind of answer in JSON: its fields, and beside them ``kind``, the name of its class."""

from typing import TYPE_CHECKING, Annotated, Union, get_args

from pydantic import BeforeValidator, Discriminator, PlainSerializer, Tag

from harness.api.output import Output, output_record


def _kind(output: object) -> str:
    """Return what tells the kinds of answer apart in JSON: the name of the output's class."""
    return str(output.get("kind")) if isinstance(output, dict) else type(output).__name__


def _without_kind(output: object) -> object:
    return {key: held for key, held in output.items() if key != "kind"} if isinstance(output, dict) else output


if TYPE_CHECKING:
    StoredOutput = Output
else:
    StoredOutput = Annotated[
        Union[tuple(Annotated[kind, BeforeValidator(_without_kind), Tag(kind.__name__)] for kind in get_args(Output))],  # noqa: UP007 (made of a tuple)
        Discriminator(_kind),
        PlainSerializer(output_record),
    ]

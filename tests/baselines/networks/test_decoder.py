"""Our decoder is GPT-2 with exact GELU: the same logits and loss from the same weights."""

import pytest
import torch
from torch.nn import functional
from transformers import GPT2Config, GPT2LMHeadModel

from baselines.networks.decoder import Decoder, causal_mask
from baselines.networks.layouts import to_gpt2
from baselines.networks.transformer import TransformerConfig

CONFIG = TransformerConfig(vocabulary_size=50, max_length=16, num_layers=2, width=24, num_heads=3, dropout=0.0)


def random_gpt2() -> GPT2LMHeadModel:
    """Return a model with weights so large that a wrong formula shows, biases and norms included."""
    config = GPT2Config(
        vocab_size=50, n_positions=16, n_embd=24, n_layer=2, n_head=3, activation_function="gelu",
        initializer_range=0.5, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    torch.manual_seed(0)
    model = GPT2LMHeadModel(config).eval()
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, mean=float("ln_" in name and "weight" in name), std=0.3)
    return model


def decoder_of(model: GPT2LMHeadModel) -> Decoder:
    """Return our decoder with the weights of a GPT-2, found by what ``to_gpt2`` makes of numbered weights."""
    decoder = Decoder(CONFIG).eval()
    theirs = {name.removeprefix("transformer."): tensor for name, tensor in model.state_dict().items()}
    own = decoder.state_dict()
    starts = dict(zip(own, torch.tensor([0, *(t.numel() for t in own.values())]).cumsum(0).tolist(), strict=False))
    numbered = {n: torch.arange(t.numel()).view(t.shape) + starts[n] for n, t in own.items()}
    flat = torch.full((sum(t.numel() for t in own.values()),), torch.nan)
    for name, numbers in to_gpt2(numbered).items():
        flat[numbers.flatten()] = theirs[name].flatten()
    assert not flat.isnan().any(), "each of our weights has one of theirs"
    decoder.load_state_dict({n: flat[numbers] for n, numbers in numbered.items()})
    return decoder


def test_equals_gpt2() -> None:
    model = random_gpt2()
    decoder, ids = decoder_of(model), torch.randint(50, (3, 12), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        theirs = model(input_ids=ids, labels=ids)
        logits = decoder.logits(decoder(ids))
        loss = functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    torch.testing.assert_close(logits, theirs.logits, rtol=0, atol=2e-5)
    torch.testing.assert_close(loss, theirs.loss, rtol=0, atol=1e-6)


def test_the_layout_of_gpt2_has_all_its_weights() -> None:
    named = set(to_gpt2(Decoder(CONFIG).state_dict()))
    assert named == {name.removeprefix("transformer.") for name in random_gpt2().state_dict()} - {"lm_head.weight"}


def test_no_token_looks_at_a_later_one() -> None:
    torch.manual_seed(0)
    decoder, ids = Decoder(CONFIG).eval(), torch.randint(50, (1, 12))
    changed = ids.clone()
    changed[0, 7] = (ids[0, 7] + 1) % 50
    with torch.inference_mode():
        before, after = decoder(ids), decoder(changed)
    assert torch.equal(before[:, :7], after[:, :7])
    assert not torch.equal(before[:, 7:], after[:, 7:])


@pytest.mark.parametrize("lengths", [(12,), (5, 7), (1, 4, 7)])
def test_documents_in_one_row_are_as_if_each_were_alone(lengths: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    decoder, ids = Decoder(CONFIG).eval(), torch.randint(50, (1, 12))
    documents = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))  # (L,)
    positions = torch.cat([torch.arange(length) for length in lengths])[None]  # (1, L)
    mask = causal_mask(12, ids.device) & (documents[:, None] == documents)  # (L, L)
    with torch.inference_mode():
        packed = decoder(ids, mask[None], positions)
        alone = torch.cat([decoder(part) for part in ids.split(lengths, dim=1)], dim=1)
    torch.testing.assert_close(packed, alone, rtol=0, atol=1e-5)

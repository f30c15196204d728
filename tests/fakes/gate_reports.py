"""Made-up reports of the gate, with names that are out to break whatever shows them."""

from dataclasses import replace

from harness.gate.verdicts import Finding, GateReport, Verdict

NASTY = 'a|b `c` *d* <script>&"\x00\x1b[31m\ud800 @everyone %0A::error::\r\nnext'

WORSE = Finding(
    metric="quality", model="mini", task="cola", verdict=Verdict.WORSE, reason="The loss is beyond the margin.",
    reference=41.0, run=37.25, change=-3.75, low=-5.0, high=-2.5, margin=1.0, p_worse=0.0012, num_seeds=(5, 5),
    detectable=2.1,
)  # fmt: skip
NOT_WORSE = Finding(
    metric="quality", model="mini", task="sst2", verdict=Verdict.NOT_WORSE, reason="Any loss is within the margin.",
    reference=80.0, run=80.5, change=0.5, low=-0.5, high=1.5, margin=1.0, p_worse=1.0, num_seeds=(5, 5),
)  # fmt: skip
CANNOT_TELL = Finding(
    metric="quality", model="mini", task=None, verdict=Verdict.CANNOT_TELL, reason="12 seeds on each side would tell.",
    reference=60.5, run=58.875, change=-1.625, low=-3.0, high=-0.25, margin=1.0, seeds_needed=12, num_seeds=(5, 5),
)  # fmt: skip
INCOMPARABLE = Finding(
    metric="quality", model="mini", task="rte", verdict=Verdict.INCOMPARABLE, reason="The run has no such pair."
)
SLOWER = Finding(
    metric="latency", model="mini", task="cola", verdict=Verdict.WORSE, reason="Slower by more than the margin.",
    unit="seconds", reference=0.004, run=0.0055, change=0.375, low=0.3, high=0.45, margin=0.1, p_worse=1e-9,
)  # fmt: skip
NOT_JUDGED = Finding(
    metric="memory", model="mini", task="cola", verdict=Verdict.NOT_JUDGED, reason="Another machine.", unit="bytes",
    reference=3 * 2.0**30, run=2.0**20,
)  # fmt: skip


def report(*findings: Finding, strict: bool = False, notes: tuple[str, ...] = ()) -> GateReport:
    return GateReport(
        run="runs/new",
        reference="reference.json",
        alpha=0.05,
        strict=strict,
        findings=findings,
        notes=notes,
        run_commit="0123456789abcdef",
        versions={"torch": ("2.8.0", "2.9.0")},
    )


EVERYTHING = report(NOT_WORSE, WORSE, CANNOT_TELL, SLOWER, NOT_JUDGED, notes=("generated sample, not GLUE",))
HOSTILE = report(
    replace(WORSE, model=NASTY, task=NASTY, reason=NASTY, change=float("nan"), low=float("-inf")),
    replace(INCOMPARABLE, model=NASTY, reason=NASTY),
    notes=(NASTY,),
)
MANY = report(*(replace(WORSE, task=f"task {number}", reason="long " * 40) for number in range(1_000)))

"""Linear models on features, one for each kind of answer that such a model can give; scikit-learn finds the weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from harness.api.example import Prediction
from harness.api.output import Classification, MultiLabel, Output, Regression
from harness.outputs import kind_of
from harness.outputs.multi_label import THRESHOLD

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

SOLVED: tuple[type[Output], ...] = (Classification, MultiLabel, Regression)
"""The kinds of answer that there is a solver for: features have no order, so no spans."""


class Solver(Protocol):
    """A convex problem with one solution."""

    num_parameters: int

    def fit(self, features: "csr_matrix", targets: Sequence[Any]) -> None:
        """Solve it, for features (N, D) and N targets."""

    def predict(self, features: "csr_matrix") -> list[Prediction]:
        """Return a prediction for each row of features."""

    def explain(self, prediction: Prediction) -> tuple[str, "NDArray[np.float64]"]:
        """Return the prediction in words, and the weight of each feature in what it rests on, (D,)."""


def solver_of(output: Output, *, inverse_regularisation: float) -> Solver:
    """Return the solver for a kind of answer; ``inverse_regularisation`` is ``C`` of scikit-learn."""
    match output:
        case Classification(labels=labels):
            return LabelSolver(labels, inverse_regularisation)
        case MultiLabel():
            return LabelSetSolver(output, inverse_regularisation)
        case Regression():
            return NumberSolver(inverse_regularisation)
        case _:
            raise NotImplementedError(f"no linear model gives answers of the kind {type(output).__name__}")


@dataclass
class LabelSolver:
    """A logistic regression over labels; where training shows one label alone, that one."""

    labels: tuple[str, ...]
    inverse_regularisation: float
    num_parameters: int = 0

    def fit(self, features: "csr_matrix", targets: Sequence[Any]) -> None:
        """Maximise the likelihood."""
        from sklearn.dummy import DummyClassifier
        from sklearn.linear_model import LogisticRegression

        self._shown = len(set(targets)) > 1
        regression = LogisticRegression(C=self.inverse_regularisation, max_iter=1_000)
        self._linear: Any = regression if self._shown else DummyClassifier(strategy="prior")
        self._linear.fit(features, np.array(targets))
        self._num_features = features.shape[1]
        self.num_parameters = _num_parameters(self._linear)

    def predict(self, features: "csr_matrix") -> list[Prediction]:
        """Return the likeliest label; scores are the probability of each."""
        probabilities = np.zeros((features.shape[0], len(self.labels)))  # (N, labels)
        probabilities[:, self._linear.classes_] = self._linear.predict_proba(features)  # labels never seen stay at 0
        return [Prediction(value=int(row.argmax()), scores=tuple(row.tolist())) for row in probabilities]

    def explain(self, prediction: Prediction) -> tuple[str, "NDArray[np.float64]"]:
        """Return the predicted label's logit less the mean of the others', of those labels that training showed."""
        predicted: Any = prediction.value
        towards = self.labels[predicted]
        if not self._shown:
            return towards, np.zeros(self._num_features)
        weights: NDArray[np.float64] = np.atleast_2d(self._linear.coef_)  # (labels, D)
        label = list(self._linear.classes_).index(predicted)
        if len(weights) == 1:  # of two labels, the second's logit less the first's
            weights = np.concatenate([-weights, weights]) / 2
        return towards, weights[label] - np.delete(weights, label, axis=0).mean(axis=0)


@dataclass
class LabelSetSolver:
    """A logistic regression for each label, or where training shows it always or never, that."""

    output: MultiLabel
    inverse_regularisation: float
    num_parameters: int = 0

    def fit(self, features: "csr_matrix", targets: Sequence[Any]) -> None:
        """Maximise the likelihood of each label on its own."""
        self._each = [LabelSolver(("no", "yes"), self.inverse_regularisation) for _ in self.output.labels]
        for label, solver in enumerate(self._each):
            solver.fit(features, [int(label in members) for members in targets])
        self.num_parameters = sum(solver.num_parameters for solver in self._each)

    def predict(self, features: "csr_matrix") -> list[Prediction]:
        """Return the labels with a probability of one half or more."""
        probabilities = np.array([[p.scores[1] for p in solver.predict(features)] for solver in self._each]).T
        return [
            Prediction(value=frozenset(np.flatnonzero(row >= THRESHOLD).tolist()), scores=tuple(row.tolist()))
            for row in probabilities  # (N, labels)
        ]

    def explain(self, prediction: Prediction) -> tuple[str, "NDArray[np.float64]"]:
        """Return the sum of the predicted labels' weights; where none is predicted, that of all, turned round."""
        chosen: Any = prediction.value
        side = Prediction(value=int(bool(chosen)))
        weights = [self._each[label].explain(side)[1] for label in chosen or range(len(self._each))]
        return kind_of(self.output).show(chosen), np.sum(weights, axis=0)


@dataclass
class NumberSolver:
    """A ridge regression."""

    inverse_regularisation: float
    num_parameters: int = 0

    def fit(self, features: "csr_matrix", targets: Sequence[Any]) -> None:
        """Minimise the squared error."""
        from sklearn.linear_model import Ridge

        self._linear: Any = Ridge(alpha=1 / self.inverse_regularisation, solver="sparse_cg")
        self._linear.fit(features, np.array(targets))
        self.num_parameters = _num_parameters(self._linear)

    def predict(self, features: "csr_matrix") -> list[Prediction]:
        """Return the number."""
        return [Prediction(value=float(value)) for value in self._linear.predict(features)]

    def explain(self, prediction: Prediction) -> tuple[str, "NDArray[np.float64]"]:
        """Return the number's weights."""
        return "a higher number", np.ravel(self._linear.coef_)


def _num_parameters(linear: Any) -> int:
    return sum(np.size(getattr(linear, name, ())) for name in ("coef_", "intercept_"))

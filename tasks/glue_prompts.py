"""GLUE in words, for language models that are asked without being trained: :data:`PROMPTS` by the name of a task.

The first of a task's prompts is the default. Where lm-evaluation-harness has the task, that is its own template.
"""

from harness.api.prompt import Prompt


def _published(name: str, template: str, *answers: str) -> Prompt:
    where = f"lm-evaluation-harness 0.4 (Gao et al. 2024), lm_eval/tasks/glue/{name}"
    return Prompt(template=template, answers=answers, citation=where)


PROMPTS: dict[str, tuple[Prompt, ...]] = {
    "cola": (
        _published("cola", "{text}\nQuestion: Does this sentence make sense?\nAnswer:", "no", "yes"),
        Prompt(template='Is this good English? "{text}"\nAnswer yes or no:', answers=("no", "yes")),
    ),
    "sst2": (
        _published("sst2", "{text}\nQuestion: Is this sentence positive or negative?\nAnswer:", "negative", "positive"),
        Prompt(template="Review: {text}\nDid the critic like the film? yes or no:", answers=("no", "yes")),
    ),
    "mrpc": (
        _published(
            "mrpc",
            "Sentence 1: {text}\nSentence 2: {pair}\nQuestion: Do both sentences mean the same thing?\nAnswer:",
            "no",
            "yes",
        ),
        Prompt(
            template="First: {text}\nSecond: {pair}\nIs the second a paraphrase of the first? yes or no:",
            answers=("no", "yes"),
        ),
    ),
    "stsb": (
        Prompt(
            template="Sentence 1: {text}\nSentence 2: {pair}\n"
            "Question: From 0 (nothing in common) to 5 (the same meaning), how similar are both sentences?\nAnswer:",
            answers=("0", "1", "2", "3", "4", "5"),
            grades=(0.0, 1.0, 2.0, 3.0, 4.0, 5.0),
        ),
    ),
    "qqp": (
        _published(
            "qqp",
            "Question 1: {text}\nQuestion 2: {pair}\nQuestion: Do both questions ask the same thing?\nAnswer:",
            "no",
            "yes",
        ),
        Prompt(
            template="First: {text}\nSecond: {pair}\nWould one answer do for both questions? yes or no:",
            answers=("no", "yes"),
        ),
    ),
    "mnli": (
        _published(
            "mnli", "{text}\nQuestion: {pair_ended} True, False or Neither?\nAnswer:", "True", "Neither", "False"
        ),
        Prompt(
            template='Premise: {text}\nDoes it follow that "{pair}"? yes, maybe or no:', answers=("yes", "maybe", "no")
        ),
    ),
    "qnli": (
        _published("qnli", "{text}\n{pair}\nQuestion: Does this response answer the question?\nAnswer:", "yes", "no"),
        Prompt(
            template="Question: {text}\nSentence: {pair}\nIs the answer in the sentence? yes or no:",
            answers=("yes", "no"),
        ),
    ),
    "rte": (
        _published("rte", "{text}\nQuestion: {pair} True or False?\nAnswer:", "True", "False"),
        Prompt(template='Premise: {text}\nDoes it follow that "{pair}"? yes or no:', answers=("yes", "no")),
    ),
    "wnli": (
        _published("wnli", "{text}\nQuestion: {pair} True or False?\nAnswer:", "False", "True"),
        Prompt(template='Premise: {text}\nDoes it follow that "{pair}"? yes or no:', answers=("no", "yes")),
    ),
}

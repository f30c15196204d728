"""One thread for every library: tests run side by side, and a sum's last digit depends on the number of threads."""

import os

from hypothesis import settings

os.environ.update(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

"""What the server of workers imports first, so that it imports the rest from our packages, without the collector.

The collector would go through all that is there again and again, and nothing of thousands of modules is garbage: it
takes a third of the time. A worker turns it on again, with what it was born with left out.
"""

import gc

from harness.system.imports import forget_safe_path, prefer_own_packages

gc.disable()
forget_safe_path()
prefer_own_packages()

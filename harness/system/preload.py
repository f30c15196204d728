"""What the server of workers imports first, so that it imports the rest without the garbage collector.

The collector would go through all that is there again and again, and nothing of thousands of modules is garbage: it
takes a third of the time. A worker turns it on again, with what it was born with left out.
"""

import gc

gc.disable()

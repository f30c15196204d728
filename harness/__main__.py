"""``python -m harness``.

Python looks into the working directory first: where that holds a ``harness.py``, or a folder ``harness`` that is a
package, it never gets here. ``python -P -m harness`` does, and so does the command ``harness``.
"""

from harness.cli.app import main

main()

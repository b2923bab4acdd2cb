# Runs cells in a real Jupyter kernel, whose event loop is running while they run, and prints what they print.
#
#   python notebook.py < CELLS    a JSON list of texts; ends with 1 at the first that fails

import json
import sys

from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="python3")
try:
    for cell in json.load(sys.stdin):
        answer = client.execute_interactive(cell, timeout=60)
        if answer["content"]["status"] != "ok":
            sys.exit(f"this cell failed:\n{cell}\n" + "\n".join(answer["content"].get("traceback", [])))
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)

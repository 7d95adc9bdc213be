"""One call as something to paste: a shell command, a Python program, XML, JSON, a single value.

Pure. What comes out runs as it stands, whatever the call holds: every text is quoted for where it goes.
A secret that was taken out of the capture reads as an environment variable, `$XRAYTAP_PASSWORD` for the
login's.
"""

from __future__ import annotations

from xraytap.protocol.copying.python import PythonText, as_python
from xraytap.protocol.copying.secrets import secret_names, variable
from xraytap.protocol.copying.shell import as_curl, shell_body
from xraytap.protocol.copying.text import as_json, as_xml, pretty_body, value_text

__all__ = [
    "PythonText",
    "as_curl",
    "as_json",
    "as_python",
    "as_xml",
    "pretty_body",
    "secret_names",
    "shell_body",
    "value_text",
    "variable",
]

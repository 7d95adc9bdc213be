"""`python -m xraytap` is `xraytap`."""

from xraytap.cli.main import main

main()

"""Floor 2: xraytap is the host. Answers clients from a golden; forwards nothing, ever."""
